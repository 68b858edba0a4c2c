using System.CommandLine;
using System.CommandLine.Parsing;

namespace VioActors.Daemon.Cli;

/// <summary>Checks of option values; what they refuse is wrong usage.</summary>
internal static class OptionRules
{
    /// <summary>Accepts whole numbers from <paramref name="lowest"/> to <paramref name="highest"/>.</summary>
    public static void InRange(this Option<int> option, int lowest, int highest) =>
        option.Validators.Add(result =>
        {
            if (!result.Implicit && result.GetValueOrDefault<int>() is var value && (value < lowest || value > highest))
                result.AddError($"{option.Name} {value} is out of range: {lowest} to {highest} is allowed.");
        });

    /// <summary>
    /// Accepts whole numbers from <paramref name="lowest"/> to <paramref name="highest"/>, or nothing.
    /// </summary>
    public static void InRange(this Option<int?> option, int lowest, int highest) =>
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is { } value && (value < lowest || value > highest))
                result.AddError($"{option.Name} {value} is out of range: {lowest} to {highest} is allowed.");
        });

    /// <summary>A parser for values that <paramref name="parse"/> reads; its complaint becomes the message.</summary>
    public static Func<ArgumentResult, T?> Read<T>(Func<string, T> parse) => result =>
    {
        try
        {
            return parse(result.Tokens[0].Value);
        }
        catch (FormatException bad)
        {
            result.AddError(bad.Message);
            return default;
        }
    };
}
