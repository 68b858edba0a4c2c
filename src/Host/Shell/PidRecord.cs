using System.Globalization;

namespace VioActors.Daemon.Shell;

/// <summary>A process that cannot be mistaken for another: pids are reused, a pid with its start time is not.</summary>
/// <param name="Pid">The process id.</param>
/// <param name="StartTicks">Field 22 of /proc/PID/stat: clock ticks from boot to its start.</param>
internal readonly record struct PidRecord(int Pid, long StartTicks)
{
    /// <summary>The record of a living process, or null when it is gone (or only waits to be reaped).</summary>
    public static PidRecord? Of(int pid)
    {
        try
        {
            return ParseStat(File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Reads the line of /proc/PID/stat; null for a zombie. The command may hold spaces and brackets.
    /// </summary>
    public static PidRecord? ParseStat(string line)
    {
        var close = line.LastIndexOf(')');
        var fields = line[(close + 2)..].Split(' ');
        return fields[0] is "Z" or "X"
            ? null
            : new PidRecord(
                int.Parse(line.AsSpan(0, line.IndexOf(' ')), CultureInfo.InvariantCulture),
                long.Parse(fields[19], CultureInfo.InvariantCulture));
    }

    /// <summary>Whether this very process still runs.</summary>
    public bool IsAlive => Of(Pid) is { } now && now == this;

    /// <summary>Reads a record file; null when there is none or it is not whole.</summary>
    public static PidRecord? Load(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var parts = File.ReadAllText(path).Split(' ', StringSplitOptions.TrimEntries);
        return parts.Length == 2
            && int.TryParse(parts[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(parts[1], CultureInfo.InvariantCulture, out var start)
            ? new PidRecord(pid, start)
            : null;
    }

    /// <summary>Writes a record file; readers see the old or the new one, never half of it.</summary>
    public void Save(string path)
    {
        File.WriteAllText(path + ".new", ToString());
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Pid} {StartTicks}");
}
