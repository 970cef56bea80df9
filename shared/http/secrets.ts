/**
 * The port to where credentials are kept. A secret is a small set of named values (the names of the environment variables)
 * with a version, so that a refreshed token never overwrites one that a person has set meanwhile.
 * Implemented by the stores; nothing here or above may log a value.
 */

export interface Secret {
  readonly values: Readonly<Record<string, string>>;
  /** Opaque; changes with every write, whoever wrote. */
  readonly version: string;
}

export interface SecretStore {
  /**
   * @param name  the secret's name, one per connector.
   * @throws ConfigurationInvalid when there is no such secret.
   */
  read(name: string): Promise<Secret>;
  /**
   * Sets the given values and leaves the other ones of the secret alone.
   *
   * @param options.ifVersion  writes only if the stored version is still this one.
   * @returns the new version.
   * @throws ConditionFailed when another version is stored; then nothing was written. Read again: the stored values win.
   */
  write(name: string, values: Readonly<Record<string, string>>, options: { readonly ifVersion: string }): Promise<string>;
}
