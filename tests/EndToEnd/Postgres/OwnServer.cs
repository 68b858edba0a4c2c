using Microsoft.Extensions.DependencyInjection;
using VioActors.Contracts;
using VioActors.Contracts.Sites;
using VioActors.Daemon.Security;
using VioActors.Daemon.Server;

namespace VioActors.EndToEnd.Postgres;

/// <summary>A directory of its own for a server that runs in this process, on a store of the test's choice.</summary>
internal sealed class OwnServer(string? store) : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("vio-server-");

    public ServerOptions Options => new()
    {
        Name = "test",
        DataDirectory = In("data"),
        Store = store,
        ApiSocket = In("api.sock"),
        FabricListen = "127.0.0.1:0",
    };

    public string In(string name) => Path.Combine(_root.FullName, name);

    public Task<ServerProcess> StartAsync(TimeProvider? clock = null) => ServerProcess.StartAsync(
        Options, clock ?? TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Starts it, which must fail; the line that its operator reads.</summary>
    public async Task<string> RefusedAsync(TimeProvider? clock = null)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(clock));
        return StartupErrors.Explain(error, Options)
            ?? throw new InvalidOperationException("Nobody explains it.", error);
    }

    public static Task AddUserAsync(ServerProcess server, string name)
    {
        var actors = server.Services.GetRequiredService<SiteActors>();
        return actors.TellAsync(
            actors.SiteKey, new PutUser(name, Role.Viewer, ApiToken.Sha256($"token of {name}")),
            new Principal("root", Role.Admin));
    }

    public static async Task<IEnumerable<string>> UsersAsync(ServerProcess server) =>
        (await server.Services.GetRequiredService<SiteActors>().SiteAsync()).Users.Keys;

    public void Dispose() => _root.Delete(recursive: true);
}
