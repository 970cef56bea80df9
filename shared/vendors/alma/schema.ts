/**
 * A user as Alma describes it (confirmed, vendor documentation and recorded answers), cut down to what decides about a card: name, address
 * and the rest of the record do not get in. Groups and states are read by their codes; labels are translated and change.
 */
import * as z from 'zod/mini';

export interface AlmaUser {
  /** As Alma spells it: may differ in case from what was asked, and entirely if a barcode was asked. */
  readonly primaryId: string;
  /** The institution zone that knows the user. */
  readonly zone: string;
  /** Cards that are ACTIVE, in the order of the record; blocked and replaced ones are left out. */
  readonly activeBarcodes: readonly AlmaBarcode[];
  /** The code of the user group; contacts may have none. */
  readonly group: string | undefined;
  /** `ACTIVE`, `INACTIVE`, `DELETED`. */
  readonly status: string | undefined;
  /** The account's last day, `YYYY-MM-DD`. */
  readonly expiresOn: string | undefined;
}

export interface AlmaBarcode {
  readonly value: string;
  /** `Internal` or `External`: who keeps it, Alma or the institution's own system. */
  readonly segment: string | undefined;
}

const code = z.pipe(
  z.nullish(z.object({ value: z.nullish(z.string()) })),
  z.transform((coded) => (coded?.value ?? '') || undefined), // an empty code is how Alma writes none
);
/** A date with a trailing Z. One that cannot be read must not look like an account that never ends. */
const date = z.pipe(
  z.nullish(z.union([z.literal(''), z.string().check(z.regex(/^\d{4}-\d{2}-\d{2}(?:Z|T|$)/))])),
  z.transform((text) => (text ?? '').slice(0, 10) || undefined),
);
const identifier = z.object({ value: z.string(), id_type: code, status: z.nullish(z.string()), segment_type: z.nullish(z.string()) });

export const userAnswer = z.object({
  primary_id: z.string().check(z.minLength(1)),
  user_group: z.optional(code),
  status: z.optional(code),
  expiry_date: z.optional(date),
  /** Read one by one: of an institution's own kinds of identifier nothing is known. */
  user_identifier: z.nullish(z.array(z.unknown())),
});

export function toUser(answer: z.infer<typeof userAnswer>, { zone, barcodeType }: { readonly zone: string; readonly barcodeType: string }): AlmaUser {
  const activeBarcodes = (answer.user_identifier ?? []).flatMap((element) => {
    const { data } = identifier.safeParse(element);
    const value = data?.value.trim() ?? '';
    if (data === undefined || value === '' || data.id_type !== barcodeType || data.status !== 'ACTIVE') return [];
    return [{ value, segment: data.segment_type ?? undefined }];
  });
  return { primaryId: answer.primary_id, zone, activeBarcodes, group: answer.user_group, status: answer.status, expiresOn: answer.expiry_date };
}
