"""Names of the Dutch and the English cast, all made up: people, companies, sectors, places and job titles."""

from __future__ import annotations

FIRST = {
    "nl": """Anouk Bram Carlijn Daan Eline Femke Gijs Hanneke Ilse Jeroen Karin Lars Marieke Niels Olga Pieter Quinten
        Renske Sander Tessa Ube Vera Wouter Xander Yvonne Zoë Arjan Bas Chantal Dirk Evelien Frank Geert Hilde Inge Joost
        Kees Lotte Mirjam Nienke Okke Petra Rob Sanne Thijs Ursula Vincent Willemijn Ymke Ziggy Aisha Mehmet Fatima
        Rachid Soraya Yusuf""".split(),
    "en": """Alice Ben Charlotte David Eleanor Finlay Grace Harry Imogen Jack Katherine Liam Megan Nathan Olivia Peter
        Rebecca Samuel Tara Una Victor Wendy Alan Bridget Colin Deborah Edward Fiona Gareth Hannah Ian Joanna Keith
        Lucy Martin Naomi Owen Philippa Ralph Siobhan Thomas Verity William Zara Amir Priya Kwame Ngozi Ravi Leila
        Tomasz Mei""".split(),
}
LAST = {
    "nl": [
        *"""Aalbers Bosman Cornelissen Dijkstra Elzinga Faber Gerritsma Hoekstra IJzerman Jonkman Kloosterman Lammers
        Mulder Nijhof Oosterhuis Postma Rademaker Schippers Terpstra Uitdehaag Veenstra Wiersma Zijlstra Aydin Bouali
        Kaya Haddad Brinkhuis Dekkers Everaert Fokkema Groeneveld Hofland Kuiper Loman Meijerink Noordam Overdijk
        Ruiter Smeets Tuinman Vermaas Westra""".split(),
        "van Aerle",
        "van den Bosch",
        "de Graaf",
        "van der Linde",
        "ten Have",
        "de Ridder",
        "van Rijswijk",
        "van 't Hof",
        "op den Kamp",
    ],
    "en": [
        *"""Ashworth Barlow Cartwright Dunmore Ellison Fairbairn Goddard Hartley Ingram Jessop Kirkby Langley Marlowe
        Norwood Osborne Prescott Radford Sinclair Thornton Underhill Vickers Whitaker Yardley Ahmed Banerjee Chowdhury
        Okafor Mensah Nowak Lindqvist Beckett Colby Drummond Everett Foxley Greaves Holloway Keating Lockwood Merrick
        Naylor Pemberton Rowley Stanhope Tindall Wexford""".split(),
        "O'Dwyer",
        "O'Rourke",
        "McAllister",
        "St Clair",
        "Hart-Davies",
    ],
}
STEM = {
    "nl": """Noorderlicht Waterkant Lindenhof Zilvermeer Oosterpoort Kompas Dijkzicht Veenland Havenrijk Bruggink
        Molenaar Duinrand Hanzestad Roodhout Wolkenveld Zonnestein Boomgaard Vlietland Ganzevoort Kraanvogel
        Merelbeek Polderman Stadshart Tolhuis Waalkade Zandvoortse Eikenrode Maasoever Fladder Grutto Kievit
        Leeuwerik Meander Nachtegaal Otterlo Plataan""".split(),
    "en": """Alderbrook Brackenfield Copperline Dovetail Eastmoor Fernhill Greyfriars Harrowgate Ironbridge Juniper
        Kestrel Larkspur Millbrook Northgate Oakhampton Pinewood Quarryside Redwater Silverdale Tidewell Upland
        Vanguard Westerly Yarrow Ashdown Beacon Cloverleaf Driftwood Elmstead Foxglove Goldcrest Heathrow
        Kingfisher Lodestar Moorland Nightingale""".split(),
}
SECTOR = {
    "nl": """Logistiek Techniek Bouw Zorg Transport Installaties Groothandel Metaal Verpakkingen Food Agro Energie
        Onderwijs Schoonmaak Vastgoed Textiel Machinebouw Chemie Beveiliging Drukwerk Uitzendbureau Interieurbouw
        Kunststoffen Papier""".split(),
    "en": """Logistics Engineering Construction Healthcare Transport Installations Wholesale Metals Packaging Foods
        Farming Energy Education Cleaning Properties Textiles Machinery Chemicals Security Printing Staffing
        Interiors Plastics Paper""".split(),
}
PLACE = {
    "nl": """Almelo Breda Culemborg Deventer Emmen Franeker Goes Hoorn Kampen Leiden Meppel Nijkerk Oss Purmerend
        Roermond Sneek Tiel Utrecht Venlo Weert Zutphen""".split(),
    "en": """Bath Carlisle Derby Exeter Falmouth Gloucester Hull Ipswich Kendal Leeds Malvern Norwich Oxford Preston
        Ripon Stirling Truro Wells York Durham Chester""".split(),
}
TITLE = {
    "nl": {
        "decider": ["Algemeen directeur", "Financieel directeur", "Operationeel directeur", "Directeur"],
        "champion": ["Hoofd planning", "Manager operations", "Teamleider logistiek", "Hoofd bedrijfsbureau"],
        "procurement": ["Inkoper", "Hoofd inkoop", "Contractmanager"],
        "technical": ["IT-manager", "Systeembeheerder", "Applicatiebeheerder", "Informatiearchitect"],
        "user": ["Planner", "Werkvoorbereider", "Medewerker binnendienst", "Coördinator"],
        "unknown": ["Projectleider", "Adviseur", "Managementassistent"],
    },
    "en": {
        "decider": ["Managing Director", "Finance Director", "Chief Operating Officer", "Director"],
        "champion": ["Head of Planning", "Operations Manager", "Logistics Team Lead", "Head of Operations"],
        "procurement": ["Buyer", "Head of Procurement", "Contract Manager"],
        "technical": ["IT Manager", "Systems Administrator", "Application Manager", "Solutions Architect"],
        "user": ["Planner", "Production Planner", "Back Office Clerk", "Coordinator"],
        "unknown": ["Project Lead", "Adviser", "Executive Assistant"],
    },
}
TEAMS = (
    ("Benelux Noord", "nl", "Europe/Amsterdam"),
    ("UK & Ireland", "en", "Europe/London"),
    ("Benelux Zuid", "nl", "Europe/Amsterdam"),
    ("International", "en", "Europe/London"),
)
PRODUCTS = (
    ("Planner", 9_000.0),
    ("Route", 7_500.0),
    ("Stock", 6_000.0),
    ("Insight", 4_500.0),
    ("Connect", 3_000.0),
    ("Implementation", 8_000.0),
    ("Training", 2_000.0),
)
SOURCES = ("Website", "Webinar", "Trade show", "Referral", "Partner", "Cold call", "Newsletter")
OWN_DOMAIN = "meridiaan.example"
