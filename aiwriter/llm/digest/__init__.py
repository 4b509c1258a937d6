"""Making a digest: read the sentences, group them into sections, choose the quotations, name the headings."""
