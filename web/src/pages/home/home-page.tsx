import { PageHeader } from "../../widgets/page-header.tsx";
import { texts } from "./texts.ts";

/** What is happening, and whether all is well. */
export function HomePage() {
  return <PageHeader title={texts.title} about={texts.about} />;
}
