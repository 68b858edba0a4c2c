using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace VioActors.Actors.Host.Agent;

/// <summary>
/// The end of a guest's console in a form that may stand in a failure: short, and without anything that steers a
/// terminal, because a guest writes what it likes.
/// </summary>
internal static partial class LastWords
{
    /// <summary>Lines that are kept.</summary>
    internal const int Lines = 5;

    /// <summary>Characters that are kept, of the end.</summary>
    internal const int Characters = 400;

    /// <summary>One line; empty when the guest said nothing.</summary>
    public static string Of(IReadOnlyList<string> console)
    {
        var said = console.Select(Plain).Where(line => line.Length > 0).TakeLast(Lines);
        var all = string.Join(" | ", said);
        return all.Length <= Characters ? all : "..." + all[^(Characters - 3)..];
    }

    private static string Plain(string line)
    {
        var plain = new StringBuilder();
        foreach (var rune in Escape().Replace(line, "").EnumerateRunes())
            if (IsShown(rune) && rune.IsBmp) plain.Append((char)rune.Value);
        return plain.ToString().Trim();
    }

    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
        or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);

    [GeneratedRegex(@"\x1b\[[0-?]*[ -/]*[@-~]", RegexOptions.None, matchTimeoutMilliseconds: 100)]
    private static partial Regex Escape();
}
