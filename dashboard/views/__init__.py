"""The pages, one script each; Streamlit runs a page as `__main__`, importing one does nothing."""
