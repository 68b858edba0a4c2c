using System.Globalization;

namespace VioActors.Daemon.Cli.Fleet;

/// <summary>Numbers of a fleet file, each with its range.</summary>
internal static class WorldUnits
{
    /// <summary>A reader of numbers from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Func<string, double> Number(double least, double most) => text =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
        && number >= least && number <= most
            ? number
            : throw new FormatException($"'{text}' is not allowed: write a number from {least} to {most}.");

    /// <summary>Reads a part of a whole, <c>60%</c> or <c>0.6</c>.</summary>
    /// <exception cref="FormatException">No number, or outside of 0 to 100 %.</exception>
    public static double Part(string text)
    {
        var isPercent = text.EndsWith('%');
        return double.TryParse(
                isPercent ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                out var number) && number >= 0 && number <= (isPercent ? 100 : 1)
            ? isPercent ? number / 100 : number
            : throw new FormatException($"'{text}' is not a part: write 0% to 100%, or 0 to 1.");
    }

    /// <summary>Reads a time that may be days, <c>7d</c>; else as <see cref="Units.Time"/>.</summary>
    /// <exception cref="FormatException">No time, or more than 3650 days.</exception>
    public static TimeSpan Days(string text) =>
        !text.EndsWith('d') ? Units.Time(text)
        : int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var days)
        && days is > 0 and <= 3650
            ? TimeSpan.FromDays(days)
            : throw new FormatException($"'{text}' is not a time: write for example 7d, at most 3650d.");

    /// <summary>A reader of times that are not 0.</summary>
    public static TimeSpan Positive(string text) => Days(text) is var time && time > TimeSpan.Zero
        ? time
        : throw new FormatException($"'{text}' must be more than 0.");

    /// <summary>Reads a rate of a link, <c>1Gbit</c>, as MiB/s.</summary>
    public static double MiBPerSecond(string text) => Units.Kbit(text) * 1000.0 / 8 / (1 << 20);

    /// <summary>Reads <c>true</c> or <c>false</c>.</summary>
    public static bool Flag(string text) => text switch
    {
        "true" => true,
        "false" => false,
        _ => throw new FormatException($"'{text}' is not allowed: write true or false."),
    };
}
