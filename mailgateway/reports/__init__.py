"""The signs of mail that machines send: bounces, complaints, absences. Pure."""
