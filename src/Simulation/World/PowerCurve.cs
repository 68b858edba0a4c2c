using System.Collections.Immutable;
using VioActors.Simulation.DataCenter;

namespace VioActors.Simulation.World;

/// <summary>Power of a host at 0, 10, .. 100 % CPU, as SPECpower_ssj2008 measures it.</summary>
public sealed class PowerCurve
{
    /// <summary>Points of a curve.</summary>
    public const int Points = 11;

    /// <summary>
    /// Published results, as CloudSim has them (Beloglazov and Buyya 2012): HP ProLiant ML110 G4 and G5, IBM System
    /// x3550 M3 with Xeon X5670 and X5675.
    /// </summary>
    public static ImmutableSortedDictionary<string, PowerCurve> Named { get; } = new Dictionary<string, PowerCurve>
    {
        ["ml110-g4"] = new(HostType.G4.Watts),
        ["ml110-g5"] = new(HostType.G5.Watts),
        ["x3550-x5670"] = new([66, 107, 120, 131, 143, 156, 173, 191, 211, 229, 247]),
        ["x3550-x5675"] = new([58.4, 98, 109, 118, 128, 140, 153, 170, 189, 205, 222]),
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private readonly ImmutableArray<double> _watts;

    /// <summary>Takes the points.</summary>
    /// <param name="watts">Eleven, each 0 or more, none less than the one before.</param>
    /// <exception cref="ArgumentException">They are not so.</exception>
    public PowerCurve(IEnumerable<double> watts)
    {
        _watts = [.. watts];
        if (_watts.Length != Points || _watts.Any(one => !(one >= 0 && double.IsFinite(one)))
            || !_watts.Order().SequenceEqual(_watts))
            throw new ArgumentException($"A curve has {Points} rising numbers of watts.", nameof(watts));
    }

    /// <summary>Power when nothing runs.</summary>
    public double Idle => _watts[0];

    /// <summary>Power when all CPU is in use.</summary>
    public double Full => _watts[^1];

    /// <summary>Power in watts at a share of CPU of 0 to 1 (others count as these), linear between points.</summary>
    public double At(double share)
    {
        var place = Math.Clamp(share, 0, 1) * (Points - 1);
        var below = Math.Min((int)place, Points - 2);
        return _watts[below] + (_watts[below + 1] - _watts[below]) * (place - below);
    }
}
