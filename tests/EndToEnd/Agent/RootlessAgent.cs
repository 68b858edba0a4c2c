using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using VioActors.Contracts;
using VioActors.Daemon.Shell;
using VioActors.EndToEnd.Libvirt;

namespace VioActors.EndToEnd.Agent;

/// <summary>
/// A whole agent as a user without any rights, with that user's own libvirtd and switch, on this machine's loopback.
/// Ends all that came of it.
/// </summary>
internal sealed class RootlessAgent : IAsyncDisposable
{
    private const string Nobody = "65534";
    private const string Libvirtd = "/usr/sbin/libvirtd";
    private readonly DirectoryInfo _directory;
    private readonly Process _process;

    private RootlessAgent(DirectoryInfo directory, Process process, FakeSite site)
    {
        (_directory, _process, Site) = (directory, process, site);
    }

    public FakeSite Site { get; }

    /// <summary>Of its switch.</summary>
    public static string Endpoint { get; } = $"127.0.0.1:{FreePort()}";

    /// <summary>Skips the test where there is no session daemon.</summary>
    public static async Task<RootlessAgent> StartAsync(HostId host, string nodePorts)
    {
        if (!File.Exists(Libvirtd)) Assert.Skip($"{Libvirtd} is missing");
        if (!File.Exists("/usr/bin/qemu-system-x86_64")) Assert.Skip("qemu-system-x86 is not installed");
        var directory = Directory.CreateTempSubdirectory("vior");
        string Below(string name) => directory.CreateSubdirectory(name).FullName;
        var site = await FakeSite.StartAsync(Below("site"));
        site.Join(Below("data"), "h1", host);
        var config = Path.Combine(directory.FullName, "agent.json");
        await File.WriteAllTextAsync(config, JsonSerializer.Serialize(new
        {
            name = "h1",
            dataDirectory = Below("data"),
            runDirectory = Below("run"),
            libvirtUri = "qemu:///session",
            nodePorts,
            memoryMiB = 2048,
            cores = 1,
            accelerator = "tcg",
            switchListen = Endpoint,
            moveListen = $"127.0.0.1:{FreePort()}",
            switchd = new { uid = 990, gid = 990, lanes = 1 },
        }));
        File.SetUnixFileMode(Below("user"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (Environment.IsPrivilegedProcess)
            await Tool.RunAsync("chown", "-R", $"{Nobody}:{Nobody}", "--", directory.FullName);
        return new RootlessAgent(directory, Start(directory, config), site);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync(PidRecord.Of(_process.Id));
        _process.Dispose();
        await EndAsync(PidRecord.Load(Path.Combine(_directory.FullName, "run", "switchd.pid")));
        // The connection started libvirt's own, which would wait two minutes for another one.
        foreach (var daemon in (string[])["libvirtd", "virtlogd"])
        {
            var file = Path.Combine(_directory.FullName, "user", "libvirt", daemon + ".pid");
            if (File.Exists(file)
                && int.TryParse(await File.ReadAllTextAsync(file), CultureInfo.InvariantCulture, out var pid))
                await EndAsync(PidRecord.Of(pid));
        }
        await Site.DisposeAsync();
        _directory.Delete(recursive: true);
    }

    private static Process Start(DirectoryInfo directory, string config)
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../.."));
        string[] rights = Environment.IsPrivilegedProcess
            ? ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", "--bounding-set", "-all", "--inh-caps", "-all"]
            : [];
        var start = new ProcessStartInfo("setpriv") { WorkingDirectory = "/" };
        foreach (var argument in (string[])
            [
                .. rights, "--no-new-privs", "--", Path.Combine(root, "dotnet"),
                Path.Combine(AppContext.BaseDirectory, "vio.dll"), "agent", "--config", config,
            ])
            start.ArgumentList.Add(argument);
        start.Environment["HOME"] = directory.FullName;
        start.Environment["XDG_RUNTIME_DIR"] = Path.Combine(directory.FullName, "user");
        foreach (var other in (string[])["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"])
            start.Environment.Remove(other);
        return Process.Start(start)!;
    }

    private static async Task EndAsync(PidRecord? record)
    {
        if (record is not { IsAlive: true } living) return;
        using var process = Process.GetProcessById(living.Pid);
        process.Kill();
        await Until.TrueAsync($"process {living.Pid} ended", () => !living.IsAlive);
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
