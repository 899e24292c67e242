"""Short forms of words of the trade, most of them no mere beginnings of the words."""

from __future__ import annotations

SHORT_FORMS = {
    "agcy": "agency", "assn": "association", "assoc": "associates", "bldg": "building",
    "bldrs": "builders", "bros": "brothers", "chem": "chemical", "chems": "chemicals",
    "comm": "communications", "comms": "communications", "constr": "construction",
    "ctr": "center", "centre": "center", "def": "defense", "defence": "defense",
    "dept": "department", "dev": "development", "dist": "distribution", "div": "division",
    "elec": "electric", "elect": "electronics", "electr": "electronics", "engg": "engineering",
    "eng": "engineering", "engr": "engineering", "engrg": "engineering",
    "eqpt": "equipment", "equip": "equipment", "ent": "enterprises", "entpr": "enterprises",
    "exp": "export", "fed": "federal", "fin": "finance", "gen": "general", "govt": "government",
    "grp": "group", "gp": "group", "hldg": "holding", "hldgs": "holdings", "hvy": "heavy",
    "imp": "import", "ind": "industries", "inds": "industries", "indus": "industries",
    "info": "information", "inst": "institute", "instr": "instruments", "int": "international",
    "intl": "international", "internat": "international", "lab": "laboratory",
    "labs": "laboratories", "log": "logistics", "mach": "machinery", "maint": "maintenance",
    "mar": "marine", "mat": "materials", "matls": "materials", "mech": "mechanical",
    "med": "medical", "mfg": "manufacturing", "mfr": "manufacturing", "mfrs": "manufacturers",
    "mgmt": "management", "mgt": "management", "mkt": "marketing", "mktg": "marketing",
    "natl": "national", "nat": "national", "nav": "naval", "org": "organization",
    "organisation": "organization", "pharm": "pharmaceuticals", "pharma": "pharmaceuticals",
    "prec": "precision", "prod": "products", "prods": "products", "res": "research",
    "sci": "science", "ship": "shipbuilding", "shipbldg": "shipbuilding", "svc": "services",
    "svcs": "services", "serv": "services", "sol": "solutions", "solns": "solutions",
    "sys": "systems", "syst": "systems", "tech": "technology", "technol": "technology",
    "techs": "technologies", "telecom": "telecommunications", "trans": "transport",
    "transp": "transport", "trdg": "trading", "univ": "university", "veh": "vehicles",
    "whse": "warehouse",
}  # fmt: skip
