/** The user who runs makepkg, which refuses to run as root. */
import { DkmsError } from "../../model/errors.ts";
import { run } from "../../system/process/processes.ts";

/** A user by number: names are not looked up again. */
export interface BuildUser {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
}

/** Looks up the user whom the administrator named, else the first of the others whom the machine knows; throws `usage`. */
export async function findBuildUser(named: string | undefined, others: readonly string[]): Promise<BuildUser> {
  const hint = "Name another one with --build-user, or [Package] BuildUser in /etc/dkms-alpm.conf.";
  for (const name of named === undefined ? others : [named]) {
    const user = await lookUp(name);
    if (user?.uid === "0" && named !== undefined) {
      throw new DkmsError("usage", `makepkg does not work as ${name}: it refuses to run as root.`, { hint });
    }
    if (user !== undefined && user.uid !== "0") return user;
  }
  const list = (named === undefined ? others : [named]).join(" or ");
  throw new DkmsError("usage", `There is no user ${list} to run makepkg as.`, { hint });
}

async function lookUp(name: string): Promise<BuildUser | undefined> {
  const [uid, gid] = await Promise.all([numberOf("--user", name), numberOf("--group", name)]);
  return uid === undefined || gid === undefined ? undefined : { name, uid, gid };
}

async function numberOf(kind: "--user" | "--group", name: string): Promise<string | undefined> {
  const { status, stdout } = await run(["id", kind, "--", name], { environment: { LC_ALL: "C" } });
  return status === 0 && /^\d+$/.test(stdout.trim()) ? stdout.trim() : undefined;
}
