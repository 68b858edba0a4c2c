namespace VioActors.Simulation.DataCenter;

/// <summary>
/// How a host divides its CPU, as CloudSim's over-subscribing time-shared scheduler does: all get what they ask for, or
/// all get the same part of it. A machine that moves gets 90 % where it runs and is charged 10 % where it goes.
/// </summary>
internal static class CpuShares
{
    private const double AtSource = 0.9;
    private const double AtTarget = 0.1;

    /// <summary>One machine on a host.</summary>
    /// <param name="Demand">What it asks for, in MIPS.</param>
    /// <param name="Leaves">It is moving away.</param>
    /// <param name="Arrives">It is moving in.</param>
    public readonly record struct Claim(double Demand, bool Leaves, bool Arrives);

    /// <summary>Fills <paramref name="given"/> with the MIPS of each claim.</summary>
    public static void Divide(HostType host, ReadOnlySpan<Claim> claims, Span<double> given)
    {
        var wanted = 0.0;
        var free = host.Mips;
        var enough = true;
        foreach (var claim in claims)
        {
            var charge = Math.Min(claim.Demand, host.CoreMips) * (claim.Arrives ? AtTarget : 1);
            wanted += charge;
            enough &= free >= charge;
            free -= charge;
        }

        var scale = host.Mips / wanted;
        for (var i = 0; i < claims.Length; i++)
        {
            var capped = Math.Min(claims[i].Demand, host.CoreMips);
            var part = claims[i].Leaves ? AtSource : claims[i].Arrives ? AtTarget : 1;
            given[i] = enough ? capped * part : Math.Floor(capped * scale * part);
        }
    }

    /// <summary>What a host counts as used for a machine that got <paramref name="given"/>.</summary>
    public static double Charged(Claim claim, double given) => claim.Leaves ? given / AtSource : given;
}
