import { NounPage } from "../../widgets/noun-page.tsx";
import { texts } from "./domain-texts.ts";

/** TLS policies by recipients' domain. */
export function TlsPoliciesPage() {
  return (
    <NounPage
      noun="TlsPolicy"
      title={texts.tlsTitle}
      about={texts.tlsAbout}
      newTitle={texts.newTls}
      emptyTitle={texts.noTls}
      emptyHint={texts.noTlsHint}
      initial={{ Mode: "DomainValidation" }}
      labels={{ Name: texts.recipientsDomain, TlsDomain: texts.certificateName }}
      columns={[
        { property: "Identity", title: texts.domain },
        { property: "Mode", title: texts.mode },
        { property: "TlsDomain", title: texts.certificateName },
      ]}
      sections={[{ title: texts.general, fields: ["Name", "Mode", "TlsDomain"] }]}
    />
  );
}
