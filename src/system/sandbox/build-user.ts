/** The user that builds and confs run as: one of their own, who owns nothing on the machine. */
import { readText } from "../files/content.ts";

/** Ids of a user and a group. */
export interface UserIds {
  readonly uid: number;
  readonly gid: number;
}

/** The system user that the package brings (sysusers.d). */
export const buildUserName = "dkms-build";

/** systemd's UIDS-GIDS.md gives 60706 to 61183 to nobody: no distribution and no service takes them. */
const reserved = { first: 61_100, last: 61_183 };

let known: UserIds | undefined;

/** The build user of this machine; where the package has not made one, an id that nobody has. Never root. */
export function buildUser(): UserIds {
  known ??= findBuildUser(readText("/etc/passwd") ?? "");
  return known;
}

/** The ids of `dkms-build` in a text of passwd(5), else the first reserved id that has no name there. */
export function findBuildUser(passwd: string): UserIds {
  const users = passwd.split("\n").map((line) => line.split(":"));
  const [, , uid = "", gid = ""] = users.find(([name]) => name === buildUserName) ?? [];
  if (isId(uid) && isId(gid)) return { uid: Number(uid), gid: Number(gid) };
  const taken = new Set(users.flatMap(([, , user = "", group = ""]) => [user, group]));
  let id = reserved.first;
  while (taken.has(String(id)) && id < reserved.last) id += 1;
  return { uid: id, gid: id };
}

/** An id that is not root's. */
function isId(text: string): boolean {
  return /^\d{1,9}$/.test(text) && Number(text) > 0;
}
