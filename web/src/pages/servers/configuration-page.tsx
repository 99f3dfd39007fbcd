import { useState } from "react";
import { useMayRun } from "../../api/session.ts";
import { PageHeader } from "../../widgets/page-header.tsx";
import { BackupList } from "./backup-list.tsx";
import { BackupSection } from "./backup-section.tsx";
import { CompareSection, type GivenFile } from "./compare-section.tsx";
import { ExportSection } from "./export-section.tsx";
import { texts } from "./texts.ts";

/** The configuration as a file, and backups. */
export function ConfigurationPage() {
  const mayRun = useMayRun();
  const [given, setGiven] = useState<GivenFile>();
  return (
    <>
      <PageHeader title={texts.configuration} about={texts.configurationAbout} />
      <ExportSection />
      {mayRun("Import-PostriderConfiguration") && <CompareSection given={given} />}
      {mayRun("Backup-Postrider") && <BackupSection />}
      {mayRun("Get-PostriderBackup") && <BackupList onCompare={setGiven} />}
    </>
  );
}
