using System.Buffers;

namespace VioActors.Contracts;

/// <summary>
/// The one rule for names that people choose; what passes is safe in paths, DNS and kernel command lines.
/// </summary>
public static class NameRule
{
    private const int LongestName = 40;
    private const int LongestShown = 60;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>Whether it is 1 to 40 of a-z, 0-9 and <c>-</c>, starting with a letter.</summary>
    public static bool Accepts(string? name) =>
        name is { Length: >= 1 and <= LongestName } && name[0] is >= 'a' and <= 'z'
        && name.AsSpan().IndexOfAnyExcept(Allowed) < 0;

    /// <summary>The end of a sentence about a name that is not accepted.</summary>
    public static string Problem(string? name) => string.IsNullOrEmpty(name)
        ? $"is missing: 1 to {LongestName} of a-z, 0-9 and '-' are needed, starting with a letter"
        : $"is not a name: 1 to {LongestName} of a-z, 0-9 and '-' are allowed, starting with a letter";

    /// <summary>Text of a stranger for a message: short and without control characters.</summary>
    public static string Shown(string? text)
    {
        var clean = new string([.. (text ?? "").Select(c => char.IsControl(c) ? '?' : c).Take(LongestShown)]);
        return (text ?? "").Length > LongestShown ? clean + "..." : clean;
    }

    /// <summary>Whether it is a hash in lower-case hex: 64 characters.</summary>
    public static bool IsSha256(string? text) =>
        text is { Length: 64 } && text.AsSpan().IndexOfAnyExcept("0123456789abcdef") < 0;

    /// <summary>Whether it holds printable ASCII only.</summary>
    public static bool IsPrintable(string text) => text.All(c => c is >= ' ' and <= '~');
}
