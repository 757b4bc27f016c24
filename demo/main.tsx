import { indexedDb } from "durable-grove/client";
import { DocumentProvider } from "durable-grove/react";
import { createRoot } from "react-dom/client";
import { useDocumentId } from "./document-id.ts";
import { Page } from "./page.tsx";

const options = { persist: indexedDb() };

function App() {
  return (
    <DocumentProvider url={`/documents/${useDocumentId()}`} options={options}>
      <Page />
    </DocumentProvider>
  );
}

createRoot(document.body).render(<App />);
