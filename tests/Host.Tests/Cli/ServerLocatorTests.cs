using VioActors.Daemon.Cli;

namespace VioActors.Daemon.Tests.Cli;

public sealed class ServerLocatorTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("vio-home-");

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public void The_option_wins_then_the_variable_then_the_file_then_the_lab_then_the_system()
    {
        var bare = CliRun.HostOf(home: _home.FullName);
        Assert.Equal("/run/vio/api.sock", ServerLocator.Find(null, bare).SocketPath);

        var lab = bare with { LabSockets = () => ["/lab/api.sock"] };
        Assert.Equal("/lab/api.sock", ServerLocator.Find(null, lab).SocketPath);

        Write("""{ "server": "https://site:7001", "token": "t", "caSha256": "ab" }""");
        var file = ServerLocator.Find(null, lab);
        Assert.Equal(("https://site:7001/", "t", "ab"), (file.Uri.AbsoluteUri, file.Token, file.CaSha256));

        var variable = lab with { Variable = name => name == "VIO_SERVER" ? "unix:/v.sock" : null };
        Assert.Equal("/v.sock", ServerLocator.Find(null, variable).SocketPath);
        Assert.Equal("/o.sock", ServerLocator.Find("/o.sock", variable).SocketPath);
    }

    [Fact]
    public void Several_labs_must_be_told_apart()
    {
        var host = CliRun.HostOf() with { LabSockets = () => ["/a.sock", "/b.sock"] };

        var error = Assert.Throws<UsageException>(() => ServerLocator.Find(null, host));

        Assert.Contains("unix:/b.sock", error.Message);
    }

    [Theory]
    [InlineData("{ not json")]
    [InlineData("[]")]
    public void A_malformed_file_is_named(string text)
    {
        Write(text);

        var error = Assert.Throws<UsageException>(() => ServerLocator.Find(null, CliRun.HostOf(home: _home.FullName)));

        Assert.Contains("client.json", error.Message);
    }

    private void Write(string text)
    {
        var directory = Directory.CreateDirectory(Path.Combine(_home.FullName, ".config", "vio"));
        File.WriteAllText(Path.Combine(directory.FullName, "client.json"), text);
    }
}
