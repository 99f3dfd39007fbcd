/** Bounds of what may be allocated while a library works. */
export interface AllocationLimits {
  /** One array of bytes. */
  readonly bytesMax: number;
  /** All arrays of bytes together, whether they are still in use or not. */
  readonly totalBytesMax: number;
}

/** What came of the work; `isExceeded` when the library was refused an array. */
interface GuardedWork<Value> {
  readonly value: Value | undefined;
  readonly isExceeded: boolean;
}

/**
 * Runs a library that unpacks what is hostile into arrays that grow as they are asked to, and has
 * no limit of its own: neither the heap's limit nor any other of the runtime counts those arrays,
 * so that one small file could take all memory of the server. Meanwhile `new Uint8Array` and the
 * platform's decompression fail past the limits. For a thread that does one thing at a time; the
 * globals are as before when it is over. Rejects with what the work throws, unless it was refused.
 */
export async function withAllocationGuard<Value>(
  limits: AllocationLimits,
  work: () => Promise<Value>,
): Promise<GuardedWork<Value>> {
  const meter = new AllocationMeter(limits);
  const { Uint8Array: bytes, DecompressionStream: decompression } = globalThis;
  Object.assign(globalThis, {
    Uint8Array: countedArrays(bytes, meter),
    DecompressionStream: countedDecompression(decompression, meter),
  });
  try {
    return { value: await work(), isExceeded: meter.isExceeded };
  } catch (error) {
    if (meter.isExceeded) return { value: undefined, isExceeded: true };
    throw error;
  } finally {
    Object.assign(globalThis, { Uint8Array: bytes, DecompressionStream: decompression });
  }
}

class AllocationMeter {
  readonly #limits: AllocationLimits;
  #total = 0;
  isExceeded = false;

  constructor(limits: AllocationLimits) {
    this.#limits = limits;
  }

  /** Counts `more` bytes that make something `size` long. @throws RangeError past the limits */
  add({ more, size }: { readonly more: number; readonly size: number }): void {
    this.#total += more;
    if (size <= this.#limits.bytesMax && this.#total <= this.#limits.totalBytesMax) return;
    this.isExceeded = true;
    throw new RangeError("more than may be unpacked");
  }
}

function countedArrays(
  original: Uint8ArrayConstructor,
  meter: AllocationMeter,
): Uint8ArrayConstructor {
  return new Proxy(original, {
    construct(target, parameters: unknown[], newTarget) {
      const [size] = parameters;
      if (typeof size === "number") meter.add({ more: size, size });
      return Reflect.construct(target, parameters, newTarget);
    },
  });
}

function countedDecompression(original: typeof DecompressionStream, meter: AllocationMeter) {
  return class {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream;

    constructor(format: ConstructorParameters<typeof DecompressionStream>[0]) {
      const inner = new original(format);
      let size = 0;
      const count = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          size += chunk.length;
          meter.add({ more: chunk.length, size });
          controller.enqueue(chunk);
        },
      });
      this.writable = inner.writable;
      this.readable = inner.readable.pipeThrough(count);
    }
  };
}
