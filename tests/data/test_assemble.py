from __future__ import annotations

import pandas as pd

from pupitre.data.assemble import NATIONAL_DEPARTEMENTS, ips_summary, is_national, niveau_vie_summary


def test_ips_summary_by_hand() -> None:
    """Quartiles of 90, 100, 110, 130 interpolated linearly; NS not counted; sectors and rentrées apart."""
    frame = pd.DataFrame(
        {
            "code_insee": ["01004", "01004", "01005", "2A004", "01004", "01004"],
            "sector": ["public"] * 5 + ["prive_sous_contrat"],
            "rentree": [2022] * 6,
            "ips": pd.array([90, 100, 110, 130, None, 150], dtype="Float64"),
        }
    )

    summary = ips_summary(frame).set_index(["zone", "sector"])

    assert summary.loc[("FR", "public"), ["n", "q1", "median", "q3"]].tolist() == [4, 97.5, 105.0, 115.0]
    assert summary.loc[("01", "public"), ["n", "q1", "median", "q3"]].tolist() == [3, 95.0, 100.0, 105.0]
    assert summary.loc[("2A", "public"), "n"] == 1
    assert summary.loc[("01", "prive_sous_contrat"), "median"] == 150
    assert list(summary.index.get_level_values("zone")) == ["01", "01", "2A", "FR", "FR"]


def test_niveau_vie_summary_by_hand() -> None:
    """Deciles of 0, 1 000 … 10 000 are their own ranks; secrets are counted apart, never as zero."""
    medians = [1000 * k for k in range(11)]
    frame = pd.DataFrame(
        {
            "code_insee": ["01001"] * 11 + ["97411", "01002"],
            "year": 2021,
            "median_eur": pd.array([*medians, None, None], dtype="Float64"),
            "status": [""] * 11 + ["secret statistique", "non disponible"],
        }
    )

    summary = niveau_vie_summary(frame).set_index("zone")

    assert summary.loc["FR", ["n", "n_secret", "d1", "d5", "d9"]].tolist() == [11, 1, 1000, 5000, 9000]
    assert summary.loc["974", ["n", "n_secret"]].tolist() == [0, 1]
    assert pd.isna(summary.loc["974", "d5"])


def test_a_file_is_national_from_ninety_departements() -> None:
    """89 départements are not France."""
    codes = pd.Series([f"{k:02}001" for k in range(1, NATIONAL_DEPARTEMENTS + 1)])

    assert is_national(codes)
    assert not is_national(codes.iloc[1:])
