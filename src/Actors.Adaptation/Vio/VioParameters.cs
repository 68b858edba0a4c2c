using System.Collections.Immutable;
using System.Globalization;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Vio;

/// <summary>One parameter of the policy <c>vio</c>: its name in policy files, its unit and range.</summary>
/// <param name="Key">For example <c>halfLife</c>.</param>
/// <param name="Unit">For example <c>s</c>; empty: a plain number. <c>0/1</c>: off or on.</param>
/// <param name="Least">The least that is allowed.</param>
/// <param name="Most">The most that is allowed.</param>
/// <param name="Whole">Whether it must be a whole number.</param>
/// <param name="Get">Reads it, in its unit.</param>
/// <param name="With">The options with another value, in its unit.</param>
public sealed record VioParameter(
    string Key, string Unit, double Least, double Most, bool Whole,
    Func<VioOptions, double> Get, Func<VioOptions, double, VioOptions> With)
{
    /// <summary>The value without any setting.</summary>
    public double Default => Get(new VioOptions());

    /// <summary>Why a value is refused; null when it is allowed.</summary>
    public Failure? Refuse(double value) =>
        value >= Least && value <= Most && (!Whole || value == Math.Floor(value))
            ? null
            : new Failure(
                "bad-number",
                string.Create(CultureInfo.InvariantCulture, $"The policy's '{Key}' is {value}, allowed is {Range}."),
                "Give a value in that range.");

    /// <summary>The range as people read it.</summary>
    public string Range => string.Create(
        CultureInfo.InvariantCulture,
        $"{Least} to {Most}{(Unit.Length > 0 ? " " + Unit : "")}{(Whole ? ", whole" : "")}");
}

/// <summary>All parameters of the policy <c>vio</c> in one table: files, refusals and pages are made of it.</summary>
public static class VioParameters
{
    private const double Day = 86400;

    /// <summary>Each parameter, in the order of the documentation.</summary>
    public static ImmutableArray<VioParameter> All { get; } =
    [
        Part("percentile", 0.5, 1, one => one.Percentile, (one, value) => one with { Percentile = value }),
        Time("halfLife", 1, Day, one => one.HalfLife, (one, value) => one with { HalfLife = value }),
        Part("margin", 0, 2, one => one.Margin, (one, value) => one with { Margin = value }),
        Part("memoryMargin", 0, 2, one => one.MemoryMargin, (one, value) => one with { MemoryMargin = value }),
        Time("calm", 1, 3600, one => one.Calm, (one, value) => one with { Calm = value }),
        Time("hold", 1, 3600, one => one.Hold, (one, value) => one with { Hold = value }),
        Time("cooldown", 0, Day, one => one.Cooldown, (one, value) => one with { Cooldown = value }),
        Time("horizon", 1, Day, one => one.Horizon, (one, value) => one with { Horizon = value }),
        new("moveCostSeconds", "s", 0, 3600, false, one => one.MoveCostSeconds,
            (one, value) => one with { MoveCostSeconds = value }),
        new("leastGain", "core s", 0.001, 1e6, false, one => one.LeastGain,
            (one, value) => one with { LeastGain = value }),
        Part("leastImprovement", 0, 1, one => one.LeastImprovement,
            (one, value) => one with { LeastImprovement = value }),
        Part("coupling", 0, 1, one => one.Coupling, (one, value) => one with { Coupling = value }),
        Part("leastShare", 0.05, 1, one => one.LeastShare, (one, value) => one with { LeastShare = value }),
        Part("leastChange", 0.01, 1, one => one.LeastChange, (one, value) => one with { LeastChange = value }),
        Count("leastGuestMiB", "MiB", 16, 1048576, one => one.LeastGuestMiB,
            (one, value) => one with { LeastGuestMiB = value }),
        Count("movesPerHost", "", 1, 100, one => one.MovesPerHost, (one, value) => one with { MovesPerHost = value }),
        Count("movesPerLink", "", 1, 10000, one => one.MovesPerLink,
            (one, value) => one with { MovesPerLink = value }),
        Count("powerSaving", "0/1", 0, 1, one => one.PowerSaving ? 1 : 0,
            (one, value) => one with { PowerSaving = value == 1 }),
        Part("crowded", 0.1, 1, one => one.Crowded, (one, value) => one with { Crowded = value }),
        Part("relieved", 0.1, 1, one => one.Relieved, (one, value) => one with { Relieved = value }),
        Part("filled", 0.1, 1, one => one.Filled, (one, value) => one with { Filled = value }),
        Part("packed", 0.1, 1, one => one.Packed, (one, value) => one with { Packed = value }),
        Count("mostToEmpty", "", 0, 10000, one => one.MostToEmpty, (one, value) => one with { MostToEmpty = value }),
        Count("spareHosts", "", 0, 1000, one => one.SpareHosts, (one, value) => one with { SpareHosts = value }),
    ];

    /// <summary>The options with one parameter set, or why not: exactly one of both.</summary>
    /// <param name="options">The options before.</param>
    /// <param name="key">The parameter's name.</param>
    /// <param name="value">Its value, in its unit.</param>
    public static (VioOptions? Next, Failure? Refused) Set(VioOptions options, string key, double value)
    {
        if (All.FirstOrDefault(one => one.Key == key) is not { } found)
            return (null, new Failure(
                "unknown-key", $"The policy vio has no '{key}'.",
                $"Known are: {string.Join(", ", All.Select(one => one.Key))}."));
        return found.Refuse(value) is { } bad ? (null, bad) : (found.With(options, value), null);
    }

    /// <summary>The first parameter that is out of its range, or contradicts another; null: all are good.</summary>
    public static Failure? Refuse(VioOptions options) =>
        All.Select(one => one.Refuse(one.Get(options))).FirstOrDefault(bad => bad is not null)
        ?? (options.Relieved > options.Crowded
            ? new Failure("bad-number", "The policy's 'relieved' is more than its 'crowded'.", "Make it less.")
            : null);

    private static VioParameter Part(
        string key, double least, double most, Func<VioOptions, double> get,
        Func<VioOptions, double, VioOptions> with) => new(key, "", least, most, false, get, with);

    private static VioParameter Time(
        string key, double least, double most, Func<VioOptions, TimeSpan> get,
        Func<VioOptions, TimeSpan, VioOptions> with) => new(
            key, "s", least, most, false, one => get(one).TotalSeconds,
            (one, value) => with(one, TimeSpan.FromSeconds(value)));

    private static VioParameter Count(
        string key, string unit, int least, int most, Func<VioOptions, int> get,
        Func<VioOptions, int, VioOptions> with) => new(
            key, unit, least, most, true, one => get(one), (one, value) => with(one, (int)value));
}
