using System.Globalization;

namespace VioActors.Daemon.Cli;

/// <summary>
/// Sizes and times as people write them: <c>256MiB</c>, <c>1GiB</c>, <c>60s</c>, <c>2m</c>, <c>10ms</c>.
/// </summary>
internal static class Units
{
    /// <summary>Reads a size in whole MiB: a whole number with KiB, MiB, GiB or TiB.</summary>
    /// <exception cref="FormatException">No number, no unit, not whole MiB, or more than 2^31 MiB.</exception>
    public static int MiB(string text)
    {
        var (number, unit) = Split(text);
        var bytes = (Int128)number * unit switch
        {
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            _ => throw new FormatException(
                $"'{text}' is not a size: write a whole number and KiB, MiB, GiB or TiB, for example 256MiB."),
        };
        if (bytes % (1 << 20) != 0) throw new FormatException($"'{text}' is not a whole number of MiB.");
        var mib = bytes >> 20;
        return mib > 0 && mib <= int.MaxValue ? (int)mib : throw new FormatException($"'{text}' is out of range.");
    }

    /// <summary>Reads a time: a whole number with ms, s, m or h; at most 24 hours.</summary>
    /// <exception cref="FormatException">No number, no unit, or out of range.</exception>
    public static TimeSpan Time(string text)
    {
        var (number, unit) = Split(text);
        var milliseconds = (Int128)number * unit switch
        {
            "ms" => 1L,
            "s" => 1000L,
            "m" => 60_000L,
            "h" => 3_600_000L,
            _ => throw new FormatException(
                $"'{text}' is not a time: write a whole number and ms, s, m or h, for example 60s."),
        };
        return milliseconds <= 86_400_000
            ? TimeSpan.FromMilliseconds((long)milliseconds)
            : throw new FormatException($"'{text}' is more than 24h.");
    }

    /// <summary>Reads a time in whole seconds.</summary>
    public static int Seconds(string text)
    {
        var time = Time(text);
        return time.Ticks % TimeSpan.TicksPerSecond == 0
            ? (int)time.TotalSeconds
            : throw new FormatException($"'{text}' is not a whole number of seconds.");
    }

    /// <summary>Reads percent of one core, <c>50%</c> or <c>50</c>; <c>none</c> is no limit.</summary>
    public static int? Percent(string text)
    {
        if (text == "none") return null;
        var number = text.EndsWith('%') ? text[..^1] : text;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var percent) && percent > 0
            ? percent
            : throw new FormatException(
                $"'{text}' is not a limit: write percent of one core, for example 50%, or none.");
    }

    /// <summary>A number of bytes for people.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1 << 10 => $"{bytes} B",
        < 1 << 20 => $"{bytes / 1024.0:0.0} KiB",
        < 1 << 30 => $"{bytes / 1048576.0:0.0} MiB",
        _ => $"{bytes / 1073741824.0:0.0} GiB",
    };

    /// <summary>Reads a rate in kbit/s: a whole number with kbit, Mbit or Gbit, perhaps with /s behind.</summary>
    /// <exception cref="FormatException">No number, no unit, or out of range.</exception>
    public static int Kbit(string text)
    {
        var (number, unit) = Split(text);
        var kbit = (Int128)number * unit switch
        {
            "kbit" or "kbit/s" => 1,
            "Mbit" or "Mbit/s" => 1000,
            "Gbit" or "Gbit/s" => 1_000_000,
            _ => throw new FormatException(
                $"'{text}' is not a rate: write a whole number and kbit, Mbit or Gbit, for example 100Mbit."),
        };
        return kbit > 0 && kbit <= int.MaxValue
            ? (int)kbit
            : throw new FormatException($"'{text}' is out of range.");
    }

    /// <summary>A rate in bits per second for people.</summary>
    public static string Bits(double perSecond) => perSecond switch
    {
        < 1e3 => $"{perSecond:0} ",
        < 1e6 => $"{perSecond / 1e3:0.0} k",
        < 1e9 => $"{perSecond / 1e6:0.0} M",
        _ => $"{perSecond / 1e9:0.00} G",
    } + "bit";

    private static (long Number, string Unit) Split(string text)
    {
        var digits = text.TakeWhile(char.IsAsciiDigit).Count();
        return long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (number, text[digits..].TrimStart(' '))
            : throw new FormatException($"'{text}' has no number: write for example 256MiB or 60s.");
    }
}
