using System.CommandLine;

namespace VioActors.Bench;

/// <summary>Bounds of options.</summary>
internal static class OptionRange
{
    /// <summary>Refuses numbers outside of a range. What is no number at all is refused by the parser.</summary>
    public static void Between<T>(this Option<T> option, double least, double most) =>
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, out var value)
                && !(value >= least && value <= most))
                result.AddError($"{option.Name} is out of range: {least} to {most} is allowed.");
        });
}
