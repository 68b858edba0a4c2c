using System.Diagnostics;

namespace VioActors.Daemon.Tests.Cli;

/// <summary>A real <c>vio connect astro --name desk --host rack-1</c>, killed when the test is over.</summary>
internal sealed class ConnectProcess : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _late = new(Limit, TimeProvider.System);
    private readonly Process _vio;

    private ConnectProcess(Process vio) => _vio = vio;

    public static ConnectProcess Start(string socket, params string[] more) => new(Process.Start(new ProcessStartInfo(
        "dotnet",
        [
            Path.Combine(AppContext.BaseDirectory, "vio.dll"), "connect", "astro", "--name", "desk",
            "--host", "rack-1", "--server", "unix:" + socket, .. more,
        ])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!);

    /// <summary>Ends the test when it takes too long.</summary>
    public CancellationToken Late => _late.Token;

    public async Task<string?> ReadOutAsync() => await _vio.StandardOutput.ReadLineAsync(Late);

    /// <summary>Reads standard error up to a line with these words.</summary>
    public async Task SaysAsync(string words)
    {
        while (await _vio.StandardError.ReadLineAsync(Late) is { } line)
            if (line.Contains(words, StringComparison.Ordinal)) return;
        Assert.Fail($"It ended without saying '{words}'.");
    }

    /// <summary>Ctrl-C; the exit code.</summary>
    public async Task<int> InterruptAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", $"{_vio.Id}"]))
            await kill.WaitForExitAsync(Late);
        return await EndAsync();
    }

    /// <summary>The exit code, when it has ended.</summary>
    public async Task<int> EndAsync()
    {
        await _vio.WaitForExitAsync(Late);
        return _vio.ExitCode;
    }

    /// <summary>Ends it as a power cut would: it has no time for anything.</summary>
    public async Task KillAsync()
    {
        _vio.Kill();
        await EndAsync();
    }

    public void Dispose()
    {
        if (!_vio.HasExited) _vio.Kill();
        _vio.Dispose();
        _late.Dispose();
    }
}
