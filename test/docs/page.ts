/**
 * What a page of the docs tells its reader to type, in order: the commands of its `sh` blocks, each with the exit code that its line
 * promises (`# ends with 6`, else 0), and the scenes (`<!-- scene: ... -->`), which say what happens in the world in between.
 * And the commands that are only named in a sentence.
 */
export type Step = { readonly kind: 'scene'; readonly name: string } | { readonly kind: 'command'; readonly line: string; readonly promised: number | undefined };

export function stepsOf(page: string): readonly Step[] {
  const steps: Step[] = [];
  let language: string | undefined;
  for (const line of page.split('\n')) {
    const fence = /^```(\w*)/.exec(line);
    if (fence) language = language === undefined ? (fence[1] ?? '') : undefined;
    else if (language === 'sh' || language === '') steps.push(...commandIn(line));
    else {
      const [, name] = /^<!-- scene: (.*) -->$/.exec(line) ?? [];
      if (name !== undefined) steps.push({ kind: 'scene', name });
    }
  }
  return steps;
}

function commandIn(line: string): Step[] {
  const [, command = '', comment = ''] = /^(.*?)(?:\s+#\s*(.*))?$/.exec(line) ?? [];
  const [, code] = /\bends with (\d+)/.exec(comment) ?? [];
  return command.trim() === '' ? [] : [{ kind: 'command', line: command.trim(), promised: code === undefined ? undefined : Number(code) }];
}

/** `npx concord ...` and `ExecStart=... concord ...`, wherever they stand outside of `sh` blocks. */
export function namedIn(page: string): readonly string[] {
  const inSentences = page.replaceAll(/^```sh\n[\s\S]*?^```$/gm, '').matchAll(/`(?:npx )?concord ([^`]*)`/g);
  const inUnits = page.matchAll(/^ExecStart=.*\bconcord (.*)$/gm);
  return [...inSentences, ...inUnits].map(([, words = '']) => words.trim());
}
