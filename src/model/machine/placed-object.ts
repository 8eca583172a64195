/** An object as it was put in place, remembered in its pair's stamp. */

/** The file name in its result, and the installed file's path; with the identity that each of the two files had. */
export interface PlacedObject {
  readonly built: string;
  readonly builtIdentity: string;
  readonly path: string;
  readonly identity: string;
}
