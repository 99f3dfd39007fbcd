/** Bounds how many cmdlets run at one time, in all and for one caller. */
export class RunSlots {
  readonly #inAllMax: number;
  readonly #perCallerMax: number;
  readonly #taken = new Map<string, number>();
  #inAll = 0;

  constructor(limits: { readonly inAll: number; readonly perCaller: number }) {
    this.#inAllMax = limits.inAll;
    this.#perCallerMax = limits.perCaller;
  }

  /** A place for one run, to be given back once; `undefined`: too many run already. */
  take(caller: string): (() => void) | undefined {
    const own = this.#taken.get(caller) ?? 0;
    if (this.#inAll >= this.#inAllMax || own >= this.#perCallerMax) return undefined;
    this.#inAll += 1;
    this.#taken.set(caller, own + 1);
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#inAll -= 1;
      const left = (this.#taken.get(caller) ?? 1) - 1;
      if (left === 0) this.#taken.delete(caller);
      else this.#taken.set(caller, left);
    };
  }
}
