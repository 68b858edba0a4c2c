namespace VioActors.Daemon.Lab;

/// <summary>
/// The machine's accounts, read from files: a lab makes none and must not take a user id that one has.
/// </summary>
internal static class Accounts
{
    /// <summary>The user Debian's libvirt package makes for QEMU.</summary>
    public const string QemuUser = "libvirt-qemu";

    /// <summary>The ids in lines of /etc/passwd or /etc/group.</summary>
    public static IReadOnlySet<int> Ids(IEnumerable<string> lines) => lines
        .Select(line => line.Split(':'))
        .Where(fields => fields.Length > 2)
        .Select(fields => int.TryParse(fields[2], out var id) ? id : -1)
        .ToHashSet();

    /// <summary>All user and group ids of this machine.</summary>
    public static IReadOnlySet<int> UsedIds() =>
        Ids(File.ReadLines("/etc/passwd").Concat(File.ReadLines("/etc/group")));
}
