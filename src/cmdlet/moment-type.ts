import type { SettingType } from "../org/settings/setting.ts";
import { Problem, scalarType } from "../org/settings/setting-types.ts";
import { MOMENT_FORMS, type Moment, parseMoment } from "./filter-value.ts";

/** A date, or a time before or after now, for parameters called StartDate and the like. */
export function momentType(): SettingType<Moment> {
  return scalarType({
    label: "date",
    suffix: "",
    form: { kind: "date" },
    parse: (text) => parseMoment(text) ?? new Problem(`is not a date; write ${MOMENT_FORMS}`),
  });
}
