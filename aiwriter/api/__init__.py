"""The HTTP interface, `/api/v1`: routes by resource, and the typed client that ships with the library.

`schemas` and `client` load neither FastAPI nor anything behind it: who only calls the API imports those two.
"""
