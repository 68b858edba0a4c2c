namespace VioActors.Simulation.DataCenter;

/// <summary>Says when a host has too much; by the sums over its machines.</summary>
public interface IOverloadRule
{
    /// <summary>Whether the machines of a host are too much for it.</summary>
    bool TooMuch(HostType host, HostLoad load);
}

/// <summary>Sums over the machines of a host.</summary>
/// <param name="Demand">MIPS asked for.</param>
/// <param name="Forecast">MIPS forecast for the next round, by <see cref="Regression"/>.</param>
/// <param name="Samples">Machines that were busy at all ten or more samples ago.</param>
public readonly record struct HostLoad(double Demand, double Forecast, int Samples)
{
    /// <summary>With one machine more.</summary>
    public HostLoad Plus(HostLoad other) =>
        new(Demand + other.Demand, Forecast + other.Forecast, Samples + other.Samples);
}

/// <summary>THR: too much is above a fixed share of the host.</summary>
/// <param name="Limit">The share, 0 to 1.</param>
public sealed record ThresholdRule(double Limit) : IOverloadRule
{
    /// <inheritdoc/>
    public bool TooMuch(HostType host, HostLoad load) => load.Demand / host.Mips > Limit;
}

/// <summary>
/// LR: too much is when the forecast times a safety factor reaches the whole host; a threshold of 0.7 while the
/// machines have less than ten samples.
/// </summary>
/// <param name="Safety">The factor, 1 or more.</param>
public sealed record RegressionRule(double Safety) : IOverloadRule
{
    private static readonly ThresholdRule Young = new(0.7);

    /// <inheritdoc/>
    public bool TooMuch(HostType host, HostLoad load) =>
        load.Samples == 0 ? Young.TooMuch(host, load) : load.Forecast / host.Mips * Safety >= 1;
}
