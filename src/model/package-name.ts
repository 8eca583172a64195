/** Names of pacman's packages, which many programs check before they load anything else. */

/** Whether a text can be a package's name: letters, digits and `@._+-`, neither `-` nor `.` in front, see PKGBUILD(5). */
export function isPackageName(text: string): boolean {
  return /^[A-Za-z0-9@_+][A-Za-z0-9@._+-]*$/.test(text) && text.length <= 255;
}
