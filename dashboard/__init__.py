"""The dashboard: Streamlit over the API, and over nothing else."""
