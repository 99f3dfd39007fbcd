/** Flags of NTLM's messages that we know (MS-NLMP §2.2.2.5). */
export const NTLM_FLAG = {
  unicode: 0x0000_0001,
  oem: 0x0000_0002,
  requestTarget: 0x0000_0004,
  sign: 0x0000_0010,
  seal: 0x0000_0020,
  ntlm: 0x0000_0200,
  anonymous: 0x0000_0800,
  alwaysSign: 0x0000_8000,
  targetTypeDomain: 0x0001_0000,
  extendedSessionSecurity: 0x0008_0000,
  targetInfo: 0x0080_0000,
  encryption128: 0x2000_0000,
  keyExchange: 0x4000_0000,
  encryption56: 0x8000_0000,
} as const;

/** All of these flags in one number. */
export function joinFlags(...flags: readonly number[]): number {
  return flags.reduce((all, flag) => (all | flag) >>> 0, 0);
}

/** The flags that both sides have. */
export function commonFlags(left: number, right: number): number {
  return (left & right) >>> 0;
}

/** Whether `flags` has that flag. */
export function hasFlag(flags: number, flag: number): boolean {
  return (flags & flag) !== 0;
}
