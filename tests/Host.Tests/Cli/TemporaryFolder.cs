namespace VioActors.Daemon.Tests.Cli;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("vio-cli-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
