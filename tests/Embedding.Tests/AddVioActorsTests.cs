using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using VioActors.Embedded.Sample.Accounts;
using VioActors.Runtime;
using VioActors.Simulation;

namespace VioActors.Embedding.Tests;

/// <summary>
/// What an application hears that is put together wrongly, and what it sees while it starts and stops.
/// </summary>
public sealed class AddVioActorsTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("vio-embedding-").FullName;

    private string File => Path.Combine(_directory, "a.db");

    [Fact]
    public void What_is_missing_is_told_with_the_call_that_adds_it()
    {
        Assert.Contains("options.UseSqlite", Wrong(options => options.AddActor(new AccountActor())));
        Assert.Contains("options.AddActor", Wrong(options => options.UseSqlite(File)));
        Assert.Contains("a store already", Wrong(options => options.UseSqlite(File).UsePostgres("Host=x")));
        Assert.Contains("Lease", Wrong(options =>
            Good(options).Limits = new Limits { Lease = TimeSpan.FromSeconds(1) }));
        Assert.Contains("called before", Assert.Throws<InvalidOperationException>(() =>
            new ServiceCollection().AddVioActors(options => Good(options)).AddVioActors(options => Good(options)))
            .Message);
        Assert.Throws<ArgumentException>(() => new ServiceCollection().AddVioActors(options =>
            Good(options).AddMessage<Deposit>("account.deposit/1")));
    }

    [Fact]
    public async Task The_health_check_follows_the_actors()
    {
        using var host = NewHost();
        var health = host.Services.GetRequiredService<HealthCheckService>();
        var actors = host.Services.GetRequiredService<ActorHost>();
        Assert.Contains("not started", (await health.CheckHealthAsync()).Entries["vioactors"].Description);
        Assert.Throws<InvalidOperationException>(() => actors.System);
        await host.StartAsync();
        Assert.Equal(HealthStatus.Healthy, (await health.CheckHealthAsync()).Status);
        await host.StopAsync();
        Assert.Equal(HealthStatus.Unhealthy, (await health.CheckHealthAsync()).Status);
    }

    [Fact]
    public async Task A_store_that_another_process_has_ends_the_start_and_is_free_after_a_stop()
    {
        using var first = NewHost();
        await first.StartAsync();
        using (var second = NewHost())
            await Assert.ThrowsAsync<StoreInUseException>(() => second.StartAsync());
        await first.StopAsync();
        using var third = NewHost();
        await third.StartAsync();
        await third.StopAsync();
    }

    /// <summary>Without a place among the servers, one process serves and the next one's start ends.</summary>
    [Fact]
    public async Task A_store_whose_shards_another_process_owns_ends_the_start_with_the_reason()
    {
        var shared = new MemoryStore(TimeProvider.System);
        void Share(VioActorsOptions options)
        {
            options.UseStore((_, _) => Task.FromResult<IStore>(shared))
                .AddMessage<Deposit>("account.deposit/1").AddActor(new AccountActor());
            options.StartWithin = TimeSpan.FromSeconds(1);
        }

        using var first = Build(Share);
        await first.StartAsync();
        using (var second = Build(Share))
        {
            var late = await Assert.ThrowsAsync<TimeoutException>(() => second.StartAsync());
            Assert.Contains("Another process may have the store", late.Message);
        }

        Assert.True(first.Services.GetRequiredService<ActorHost>().Stats.IsServing);
        await first.StopAsync();
        using var third = Build(Share);
        await third.StartAsync();
        await third.StopAsync();
    }

    [Fact]
    public async Task A_start_that_fails_gives_the_store_back()
    {
        using (var broken = NewHost(options => options.AddActor(new AccountActor())))
            await Assert.ThrowsAnyAsync<Exception>(() => broken.StartAsync());
        using var host = NewHost();
        await host.StartAsync();
        await host.StopAsync();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private IHost NewHost(Action<VioActorsOptions>? change = null) => Build(options =>
    {
        Good(options);
        change?.Invoke(options);
    });

    private static IHost Build(Action<VioActorsOptions> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddVioActors(configure);
        return builder.Build();
    }

    private VioActorsOptions Good(VioActorsOptions options) =>
        options.UseSqlite(File).AddMessage<Deposit>("account.deposit/1").AddActor(new AccountActor());

    private static string Wrong(Action<VioActorsOptions> configure) =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddVioActors(configure)).Message;
}
