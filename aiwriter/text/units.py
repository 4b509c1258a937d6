"""Units of measurement and currencies as data: what they are called and how they convert."""

from __future__ import annotations

# Symbols are case-sensitive, words are not. unit → (dimension, factor to the base of the dimension)
SYMBOLS: dict[str, tuple[str, str]] = {
    "km": ("length", "1000"), "m": ("length", "1"), "cm": ("length", "0.01"), "mm": ("length", "0.001"),
    "mi": ("length", "1609.344"), "ft": ("length", "0.3048"), "nmi": ("length", "1852"), "µm": ("length", "0.000001"),
    "km²": ("area", "1000000"), "km2": ("area", "1000000"), "m²": ("area", "1"), "m2": ("area", "1"),
    "ha": ("area", "10000"), "kg": ("mass", "1"), "g": ("mass", "0.001"), "mg": ("mass", "0.000001"),
    "µg": ("mass", "0.000000001"), "μg": ("mass", "0.000000001"), "mcg": ("mass", "0.000000001"),
    "t": ("mass", "1000"), "lb": ("mass", "0.45359237"), "lbs": ("mass", "0.45359237"), "oz": ("mass", "0.0283495"),
    "Wh": ("energy", "0.001"), "kWh": ("energy", "1"), "MWh": ("energy", "1000"), "GWh": ("energy", "1000000"),
    "TWh": ("energy", "1000000000"), "W": ("power", "0.001"), "kW": ("power", "1"), "MW": ("power", "1000"),
    "GW": ("power", "1000000"), "hp": ("power", "0.7457"), "km/h": ("speed", "1"), "kph": ("speed", "1"),
    "mph": ("speed", "1.609344"), "m/s": ("speed", "3.6"), "kn": ("speed", "1.852"), "kt": ("speed", "1.852"),
    "l": ("volume", "0.001"), "L": ("volume", "0.001"), "ml": ("volume", "0.000001"), "m³": ("volume", "1"),
    "m3": ("volume", "1"), "kB": ("data", "0.001"), "KB": ("data", "0.001"), "MB": ("data", "1"),
    "GB": ("data", "1000"), "TB": ("data", "1000000"), "Hz": ("frequency", "1"), "kHz": ("frequency", "1000"),
    "MHz": ("frequency", "1000000"), "GHz": ("frequency", "1000000000"), "V": ("voltage", "1"),
    "kV": ("voltage", "1000"), "°C": ("celsius", "1"), "°F": ("fahrenheit", "1"), "K": ("kelvin", "1"),
    "dB": ("decibel", "1"), "ms": ("time", "0.001"), "s": ("time", "1"), "min": ("time", "60"), "h": ("time", "3600"),
    "ppm": ("ppm", "1"), "‰": ("permille", "1"),
}  # fmt: skip
UNIT_WORDS: dict[str, tuple[str, str]] = {
    "nautical mile": ("length", "1852"), "kilometre": ("length", "1000"), "kilometer": ("length", "1000"),
    "metre": ("length", "1"), "meter": ("length", "1"), "centimetre": ("length", "0.01"),
    "centimeter": ("length", "0.01"), "millimetre": ("length", "0.001"), "millimeter": ("length", "0.001"),
    "mile": ("length", "1609.344"), "foot": ("length", "0.3048"), "feet": ("length", "0.3048"),
    "inch": ("length", "0.0254"), "inches": ("length", "0.0254"), "yard": ("length", "0.9144"),
    "square kilometre": ("area", "1000000"), "square kilometer": ("area", "1000000"), "square metre": ("area", "1"),
    "square meter": ("area", "1"), "square mile": ("area", "2589988"), "square feet": ("area", "0.092903"),
    "square foot": ("area", "0.092903"), "hectare": ("area", "10000"), "acre": ("area", "4046.86"),
    "kilogram": ("mass", "1"), "kilogramme": ("mass", "1"), "gram": ("mass", "0.001"),
    "milligram": ("mass", "0.000001"), "milligramme": ("mass", "0.000001"),
    "microgram": ("mass", "0.000000001"), "microgramme": ("mass", "0.000000001"), "tonne": ("mass", "1000"),
    "metric ton": ("mass", "1000"), "ton": ("mass", "1000"), "pound weight": ("mass", "0.45359237"),
    "kilowatt-hour": ("energy", "1"), "kilowatt hour": ("energy", "1"), "megawatt-hour": ("energy", "1000"),
    "megawatt hour": ("energy", "1000"), "gigawatt-hour": ("energy", "1000000"),
    "gigawatt hour": ("energy", "1000000"), "watt-hour": ("energy", "0.001"), "watt": ("power", "0.001"),
    "kilowatt": ("power", "1"), "megawatt": ("power", "1000"), "gigawatt": ("power", "1000000"),
    "metres per second": ("speed", "3.6"), "meters per second": ("speed", "3.6"),
    "metres a second": ("speed", "3.6"), "meters a second": ("speed", "3.6"), "kilometres per hour": ("speed", "1"),
    "kilometers per hour": ("speed", "1"), "kilometres an hour": ("speed", "1"), "kilometers an hour": ("speed", "1"),
    "miles per hour": ("speed", "1.609344"), "miles an hour": ("speed", "1.609344"),
    "horsepower": ("power", "0.7457"), "knot": ("speed", "1.852"), "litre": ("volume", "0.001"),
    "liter": ("volume", "0.001"), "cubic metre": ("volume", "1"), "cubic meter": ("volume", "1"),
    "gallon": ("volume", "0.00378541"), "second": ("time", "1"), "minute": ("time", "60"), "hour": ("time", "3600"),
    "day": ("time", "86400"), "week": ("time", "604800"), "fortnight": ("time", "1209600"), "month": ("months", "1"),
    "year": ("months", "12"), "decade": ("months", "120"), "century": ("months", "1200"),
    "centuries": ("months", "1200"), "degree": ("degree", "1"), "degrees celsius": ("celsius", "1"),
    "degrees fahrenheit": ("fahrenheit", "1"), "decibel": ("decibel", "1"),
    "hertz": ("frequency", "1"), "kilohertz": ("frequency", "1000"), "volt": ("voltage", "1"),
    "megahertz": ("frequency", "1000000"), "gigahertz": ("frequency", "1000000000"), "kilovolt": ("voltage", "1000"),
    "millivolt": ("voltage", "0.001"), "millisecond": ("time", "0.001"), "microsecond": ("time", "0.000001"),
    "nanosecond": ("time", "0.000000001"), "nanometre": ("length", "0.000000001"),
    "nanometer": ("length", "0.000000001"), "micrometre": ("length", "0.000001"), "micrometer": ("length", "0.000001"),
    "kelvin": ("kelvin", "1"), "millikelvin": ("kelvin", "0.001"), "microkelvin": ("kelvin", "0.000001"),
    "nanokelvin": ("kelvin", "0.000000001"), "millilitre": ("volume", "0.000001"),
    "milliliter": ("volume", "0.000001"), "centilitre": ("volume", "0.00001"), "centiliter": ("volume", "0.00001"),
    "terawatt-hour": ("energy", "1000000000"), "terawatt hour": ("energy", "1000000000"),
    "mètre": ("length", "1"), "metro": ("length", "1"), "kilomètre": ("length", "1000"),
    "kilómetro": ("length", "1000"), "milla": ("length", "1609.344"), "meilen": ("length", "1609.344"),
    "kilobyte": ("data", "0.001"), "megabyte": ("data", "1"), "gigabyte": ("data", "1000"),
    "terabyte": ("data", "1000000"),
}  # fmt: skip
CURRENCIES: dict[str, str] = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "a$": "AUD", "c$": "CAD", "€": "EUR", "eur": "EUR",
    "euro": "EUR", "£": "GBP", "gbp": "GBP", "pound": "GBP", "¥": "JPY", "yen": "JPY", "₹": "INR", "rupee": "INR",
    "chf": "CHF", "franc": "CHF", "crown": "crown", "krone": "krone", "kroner": "krone", "krona": "krona",
    "kronor": "krona", "₽": "RUB", "rouble": "RUB", "ruble": "RUB", "₩": "KRW", "won": "KRW", "yuan": "CNY",
    "rmb": "CNY", "cent": "cent", "cents": "cent", "pence": "penny",
}  # fmt: skip


def unit_of(name: str) -> tuple[str, str]:
    """Dimension of a unit and factor to the dimension's base; an unknown one is a dimension of its own."""
    return SYMBOLS.get(name) or UNIT_WORDS.get(name) or (name, "1")
