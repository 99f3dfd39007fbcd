import { chmod, mkdtemp, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { FastifyInstance } from "fastify";

/** Bytes that `sun_path` holds on Linux before its final NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

/**
 * Listens on a Unix socket that only its owner can open, taking the place of one that a crash left.
 * It is bound in a directory of its own and moved once its mode is set, because between bind and
 * chmod anybody could connect. The file goes when the server closes.
 */
export async function bindUnixSocket(
  server: Pick<FastifyInstance, "listen" | "addHook">,
  path: string,
): Promise<void> {
  server.addHook("onClose", () => rm(path, { force: true }));
  const directory = await mkdtemp(join(dirname(path), ".sock-"));
  try {
    const temporary = join(directory, "s");
    if (Buffer.byteLength(temporary) > SOCKET_PATH_BYTES_MAX) {
      throw new Error(`the path of the socket is too long for the system: ${path}`);
    }
    await server.listen({ path: temporary });
    await chmod(temporary, 0o600);
    await rename(temporary, path);
  } finally {
    await rm(join(directory, "s"), { force: true });
    await rmdir(directory);
  }
}
