/** How a bench speaks: one JSON object a line, with the provable minimum beside every count of calls. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  readonly figure: string;
  readonly value: number;
  readonly unit: string;
  readonly minimum?: number;
  readonly ratio?: number;
}

export type Print = (figure: Figure) => void;

/** A count beside its minimum; the ratio of nothing to nothing is 1. */
export function counted(figure: Omit<Figure, 'ratio'> & { readonly minimum: number }): Figure {
  const ratio = figure.minimum === 0 ? (figure.value === 0 ? 1 : Infinity) : figure.value / figure.minimum;
  return { ...figure, ratio: Math.round(ratio * 1000) / 1000 };
}

export const rounded = (value: number, digits = 2): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** What one case of a connector costs. */
export interface Cost {
  readonly calls: number;
  /** The fewest calls that the vendors allow. */
  readonly least: number;
  /** To our own tables. */
  readonly writes: number;
  readonly seconds: number;
}

export function tellCost(print: Print, place: Pick<Figure, 'bench' | 'case'>, { calls, least, writes, seconds }: Cost): void {
  print(counted({ ...place, figure: 'calls', value: calls, unit: 'calls', minimum: least }));
  print({ ...place, figure: 'table_writes', value: writes, unit: 'rows' });
  print({ ...place, figure: 'seconds', value: rounded(seconds), unit: 's' });
}
