using System.Collections.Immutable;
using System.Globalization;
using VioActors.Actors.Adaptation.Vio;
using VioActors.Actors.Adaptation.Violin;
using VioActors.Contracts;

namespace VioActors.Actors.Adaptation.Manager;

/// <summary>One option of a policy as people write it.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Set">The policy's options with it, or why not: exactly one of both.</param>
internal sealed record PolicyOption(string Key, Func<object, string, (object? Next, Failure? Refused)> Set)
{
    /// <summary>Options of the policy <c>vio</c>, from its own table.</summary>
    internal static readonly ImmutableArray<PolicyOption> Vio =
    [
        .. VioParameters.All.Select(one => new PolicyOption(one.Key, (options, text) =>
            Number(text, one.Unit) is { } value
                ? VioParameters.Set((VioOptions)options, one.Key, value)
                : (null, Unreadable(one.Key, text, one.Unit == "s" ? "a time, for example 30s" : "a number")))),
    ];

    /// <summary>Options of the policy <c>violin-2007</c>; its planner says which values it takes.</summary>
    internal static readonly ImmutableArray<PolicyOption> Violin =
    [
        Of("alpha", "", (options, value) => options with { Alpha = value }),
        Of("beta", "", (options, value) => options with { Beta = value }),
        Of("window", "", (options, value) => value == Math.Floor(value) && Math.Abs(value) < int.MaxValue
            ? options with { Window = (int)value }
            : null),
        Of("moveCostSeconds", "s", (options, value) => options with { MoveCostSeconds = value }),
        Of("capAtVcpus", "0/1", (options, value) => options with { CapAtVcpus = value != 0 }),
        new("corrections", (options, text) => Corrections(text) is { } some
            ? ((ViolinOptions)options with { Corrections = some }, null)
            : (null, Unreadable("corrections", text, $"some of {string.Join(", ", Enum.GetNames<Corrections>())}"))),
    ];

    private static PolicyOption Of(string key, string unit, Func<ViolinOptions, double, ViolinOptions?> set) =>
        new(key, (options, text) => Number(text, unit) is { } value && set((ViolinOptions)options, value) is { } next
            ? (next, null)
            : (null, Unreadable(key, text, unit == "0/1" ? "true or false" : "a number")));

    private static Corrections? Corrections(string text) =>
        Enum.TryParse<Corrections>(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out var some)
        && !text.Any(char.IsDigit)
            ? some
            : null;

    /// <summary>A finite number; of a time in seconds, of true and false 1 and 0. Null: it is none.</summary>
    private static double? Number(string text, string unit)
    {
        if (unit == "0/1" && text is "true" or "false") return text == "true" ? 1 : 0;
        var (digits, factor) = unit == "s" ? Time(text) : (text, 1);
        return double.TryParse(
            digits, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture,
            out var number) && double.IsFinite(number)
                ? number * factor
                : null;
    }

    private static (string Digits, double Factor) Time(string text) => text switch
    {
        [.. var digits, 'm', 's'] => (digits, 0.001),
        [.. var digits, 's'] => (digits, 1),
        [.. var digits, 'm'] => (digits, 60),
        [.. var digits, 'h'] => (digits, 3600),
        _ => (text, 1),
    };

    private static Failure Unreadable(string key, string text, string wanted) => new(
        "bad-policy", $"The policy's '{key}' is '{text}', wanted is {wanted}.", "Correct this value.");
}
