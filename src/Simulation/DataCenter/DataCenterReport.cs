namespace VioActors.Simulation.DataCenter;

/// <summary>What one run of one policy over one day came to.</summary>
/// <param name="EnergyKwh">Energy of all hosts. The first interval is not billed, and hosts wake for free.</param>
/// <param name="Migrations">Moves begun.</param>
/// <param name="ShortTime">Share of active host time in which demand was not met (SLATAH), 0 to 1.</param>
/// <param name="Withheld">Share of demand withheld while machines moved (PDM), 0 to 1.</param>
/// <param name="Unserved">Share of all demand that was not served, 0 to 1; not part of <see cref="Violation"/>.</param>
/// <param name="Shutdowns">How often hosts went to sleep, those never used included.</param>
/// <param name="Corrected">The same run under the corrected accounting.</param>
public sealed record DataCenterReport(
    double EnergyKwh, int Migrations, double ShortTime, double Withheld, double Unserved, int Shutdowns,
    CorrectedAccount Corrected)
{
    /// <summary>SLAV: the product of <see cref="ShortTime"/> and <see cref="Withheld"/>, 0 to 1.</summary>
    public double Violation => ShortTime * Withheld;

    /// <summary>ESV: energy in kWh times <see cref="Violation"/>.</summary>
    public double EnergyTimesViolation => EnergyKwh * Violation;
}

/// <summary>
/// Accounting without CloudSim's omissions: the first interval is billed at the power of its end, each wake costs a
/// boot at full power, and service levels are means of the ratios of each host and machine, as the paper defines them.
/// </summary>
/// <param name="EnergyKwh">Energy with the first interval and with boots.</param>
/// <param name="ShortTime">Mean over hosts of the share of active time in which demand was not met.</param>
/// <param name="Withheld">Mean over machines of the share of demand withheld while they moved.</param>
/// <param name="Wakes">Boots.</param>
public sealed record CorrectedAccount(double EnergyKwh, double ShortTime, double Withheld, int Wakes)
{
    /// <summary>Seconds of full power that one boot costs.</summary>
    public const double BootSeconds = 120;

    /// <summary>The product of both.</summary>
    public double Violation => ShortTime * Withheld;
}
