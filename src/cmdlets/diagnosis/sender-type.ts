import { type Address, parseAddress } from "../../mail/address.ts";
import type { SettingType } from "../../org/settings/setting.ts";
import { Problem, scalarType } from "../../org/settings/setting-types.ts";

/** An address, or `<>` for the null sender (RFC 5321 §4.5.5). */
export function nullableAddress(): SettingType<Address | ""> {
  return scalarType({
    label: "address or <>",
    suffix: "",
    parse: (text) => {
      if (text === "<>" || text === "") return "";
      return (
        parseAddress(text, { smtpUtf8: true }) ?? new Problem("is not an address; write a@b or <>")
      );
    },
  });
}
