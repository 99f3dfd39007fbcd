import { SettingsPage } from "../../widgets/settings-page.tsx";
import { texts } from "./certificate-texts.ts";

/** Certificates that the server gets for itself. */
export function AcmePage() {
  return (
    <SettingsPage
      noun="TransportConfig"
      title={texts.acme}
      about={texts.acmeAbout}
      sections={[{ title: texts.acme, fields: ["Acme"] }]}
      isPart
    />
  );
}
