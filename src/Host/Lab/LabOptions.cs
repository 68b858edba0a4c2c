using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace VioActors.Daemon.Lab;

/// <summary>What a lab is asked to be.</summary>
internal sealed partial record LabOptions
{
    /// <summary>The lab's id, in every name it makes: 1 to 8 of a-z and 0-9, a letter first. Default: random.</summary>
    public string Id { get; init; } = NewId();

    /// <summary>Hosts of the one site, 1 to 8. Default 2. More hosts than cores share cores.</summary>
    public int Hosts { get; init; } = 2;

    /// <summary>
    /// Directory below which labs live. Default /var/lib/vioactors; must be traversable by every user.
    /// </summary>
    public string BaseDirectory { get; init; } = LabPlan.DefaultBaseDirectory;

    /// <summary>A fresh random id.</summary>
    public static string NewId() =>
        "l" + RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz0123456789", 5);

    /// <summary>
    /// Every complaint about these options, each naming the thing and the limit; empty when they are fine.
    /// </summary>
    public IReadOnlyList<string> Validate()
    {
        var complaints = new List<string>();
        if (!IsId(Id))
        {
            complaints.Add($"lab id '{Id}' is not 1 to 8 characters of a-z and 0-9 with a letter first");
        }

        if (Hosts is < 1 or > 8)
        {
            complaints.Add($"a lab has 1 to 8 hosts, not {Hosts}");
        }

        if (!Path.IsPathFullyQualified(BaseDirectory))
        {
            complaints.Add($"base directory '{BaseDirectory}' is not an absolute path");
        }

        return complaints;
    }

    /// <summary>Whether a text can be a lab's id (and so part of a path).</summary>
    public static bool IsId(string text) => IdPattern().IsMatch(text);

    [GeneratedRegex(@"\A[a-z][a-z0-9]{0,7}\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex IdPattern();
}
