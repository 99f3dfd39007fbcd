import { PageHeader } from "../../widgets/page-header.tsx";
import { HeaderPaste } from "./header-paste.tsx";
import { texts } from "./texts.ts";

/** Shows the way of any message by its header. */
export function HeaderPage() {
  return (
    <>
      <PageHeader title={texts.headersTitle} about={texts.headersAbout} />
      <HeaderPaste />
    </>
  );
}
