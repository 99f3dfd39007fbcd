import { nullable, type SettingType } from "./setting.ts";
import { address, line } from "./setting-types.ts";

function attribute(type: SettingType<string>, doc: string) {
  return nullable(type, { text: "none" }, doc);
}

const word = (doc: string) => attribute(line({ max: 64 }), doc);
const phrase = (doc: string) => attribute(line({ max: 256 }), doc);
const custom = (place: number) =>
  attribute(line({ max: 1024 }), `For whatever the organization likes, number ${place}.`);

/**
 * What is known of a person besides the addresses: rules look at it, and put it into disclaimers.
 * The names are those that rules have for it (reference §10.2).
 */
export const RECIPIENT_ATTRIBUTES = {
  displayName: phrase("As people read it; none: the recipient's name."),
  firstName: word("Given name."),
  initials: word("Initials."),
  lastName: word("Surname."),
  title: phrase("Job title."),
  department: word("Department."),
  company: word("Company."),
  office: phrase("Office."),
  manager: nullable(address(), { text: "none" }, "Primary address of the manager."),
  street: attribute(line({ max: 1024 }), "Street and number."),
  poBox: word("Post office box."),
  city: phrase("City or town."),
  state: phrase("State or province."),
  zipCode: word("Postal code."),
  country: phrase("Country or region."),
  phoneNumber: word("Telephone at work."),
  otherPhoneNumber: word("Another telephone at work."),
  mobileNumber: word("Mobile telephone."),
  homePhoneNumber: word("Telephone at home."),
  otherHomePhoneNumber: word("Another telephone at home."),
  pagerNumber: word("Pager."),
  faxNumber: word("Fax number."),
  otherFaxNumber: word("Another fax."),
  notes: attribute(line({ max: 1024 }), "Notes."),
  customAttribute1: custom(1),
  customAttribute2: custom(2),
  customAttribute3: custom(3),
  customAttribute4: custom(4),
  customAttribute5: custom(5),
  customAttribute6: custom(6),
  customAttribute7: custom(7),
  customAttribute8: custom(8),
  customAttribute9: custom(9),
  customAttribute10: custom(10),
  customAttribute11: custom(11),
  customAttribute12: custom(12),
  customAttribute13: custom(13),
  customAttribute14: custom(14),
  customAttribute15: custom(15),
};
