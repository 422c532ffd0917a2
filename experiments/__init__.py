"""What the lab asks: settings, composition, studies, tables and reports. The verbs of the command line live here."""
