/** Where Exchange's name of a property is not ours with a capital letter. */
const SPELLED: Readonly<Record<string, string>> = {
  esnEnabled: "ESNEnabled",
  ndrEnabled: "NDREnabled",
  sclScores: "SCLScores",
  sclDeleteEnabled: "SCLDeleteEnabled",
  sclDeleteThreshold: "SCLDeleteThreshold",
  sclRejectEnabled: "SCLRejectEnabled",
  sclRejectThreshold: "SCLRejectThreshold",
  sclQuarantineEnabled: "SCLQuarantineEnabled",
  sclQuarantineThreshold: "SCLQuarantineThreshold",
  sclOver: "SCLOver",
  exceptIfSclOver: "ExceptIfSCLOver",
  adComparisonAttribute: "ADComparisonAttribute",
  adComparisonOperator: "ADComparisonOperator",
  exceptIfAdComparisonAttribute: "ExceptIfADComparisonAttribute",
  exceptIfAdComparisonOperator: "ExceptIfADComparisonOperator",
  ipAddressesMatch: "IPAddressesMatch",
  sclJunkEnabled: "SCLJunkEnabled",
  sclJunkThreshold: "SCLJunkThreshold",
  ndrDiagnosticInfoEnabled: "NDRDiagnosticInfoEnabled",
};

/** The name that cmdlets have for a setting: `maxMessageSize` is `MaxMessageSize`. */
export function cmdletName(property: string): string {
  const spelled = Object.hasOwn(SPELLED, property) ? SPELLED[property] : undefined;
  return spelled ?? property.charAt(0).toUpperCase() + property.slice(1);
}
