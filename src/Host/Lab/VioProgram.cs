using System.Runtime.InteropServices;

namespace VioActors.Daemon.Lab;

/// <summary>
/// How processes of a lab start our own executable: a private copy, readable by the unprivileged user.
/// </summary>
/// <param name="Command">dotnet and vio.dll, as seen inside a machine.</param>
/// <param name="Environment">What the .NET host needs to find itself.</param>
internal sealed record VioProgram(IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment)
{
    /// <summary>
    /// Source and target of the bind mount that shows the .NET runtime to processes that could not reach it.
    /// </summary>
    public (string Source, string Target)? Bind { get; private init; }

    /// <summary>
    /// Copies the running executable's directory into the lab. A copy, because a rebuild during the lab's life would
    /// change files under running processes, and because the original may lie in a home directory nobody else can
    /// enter.
    /// </summary>
    public static VioProgram CopyInto(LabPlan plan)
    {
        CopyTree(AppContext.BaseDirectory, plan.AppDirectory);
        // The runtime directory is ROOT/shared/Microsoft.NETCore.App/VERSION.
        var actualRoot = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        (string Source, string Target)? bind = IsOpenToAll(actualRoot) ? null : (actualRoot, "/run/dotnet");
        var root = bind?.Target ?? actualRoot;
        return new VioProgram(
            [Path.Combine(root, "dotnet"), Path.Combine(plan.AppDirectory, "vio.dll")],
            new Dictionary<string, string> { ["DOTNET_ROOT"] = root, ["DOTNET_NOLOGO"] = "1" })
        {
            Bind = bind,
        };
    }

    /// <summary>Whether every user may enter a directory: all its parents carry the execute bit for others.</summary>
    public static bool IsOpenToAll(string directory)
    {
        for (var at = new DirectoryInfo(directory); at is not null; at = at.Parent)
        {
            if (!at.UnixFileMode.HasFlag(UnixFileMode.OtherExecute))
            {
                return false;
            }
        }

        return true;
    }

    private static void CopyTree(string source, string target)
    {
        Directory.CreateDirectory(target);
        foreach (var directory in Directory.EnumerateDirectories(source, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(target, Path.GetRelativePath(source, directory)));
        }

        foreach (var file in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(target, Path.GetRelativePath(source, file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, File.GetUnixFileMode(file) | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        }
    }
}
