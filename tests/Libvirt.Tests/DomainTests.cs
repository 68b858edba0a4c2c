namespace VioActors.Libvirt.Tests;

public sealed class DomainTests
{
    [Fact]
    public async Task A_domain_is_created_found_listed_paused_resumed_and_destroyed()
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var id = Guid.NewGuid();
        var created = await libvirt.Domains.CreateTransientAsync(TestDriver.DomainXml(id));
        Assert.Equal((id, $"d-{id:N}", DomainState.Running), (created.Id, created.Name, created.State));
        Assert.Contains(await libvirt.Domains.ListAsync(), d => d.Id == id && d.IsActive);
        Assert.Contains(id.ToString(), await libvirt.Domains.GetXmlAsync(id));

        await libvirt.Domains.SuspendAsync(id);
        Assert.Equal(DomainState.Paused, (await libvirt.Domains.LookupAsync(id))!.State);
        await libvirt.Domains.ResumeAsync(id);

        Assert.True(await libvirt.Domains.DestroyAsync(id));
        Assert.False(await libvirt.Domains.DestroyAsync(id));
        Assert.Null(await libvirt.Domains.LookupAsync(id));
    }

    [Fact]
    public async Task Lifecycle_events_arrive_in_order_and_name_the_domain()
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var id = Guid.NewGuid();
        await libvirt.Domains.CreateTransientAsync(TestDriver.DomainXml(id));
        await libvirt.Domains.SuspendAsync(id);
        await libvirt.Domains.DestroyAsync(id);
        foreach (var change in new[] { LifecycleChange.Started, LifecycleChange.Suspended, LifecycleChange.Stopped })
        {
            var happened = await libvirt.NextAsync<LifecycleEvent>(e => e.Domain == id);
            Assert.Equal((change, $"d-{id:N}"), (happened.Change, happened.Name));
            Assert.False(happened.BecauseOfMigration);
        }
    }

    [Fact]
    public async Task A_failure_carries_operation_domain_code_and_message()
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var id = Guid.NewGuid();
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => libvirt.Domains.SuspendAsync(id));
        Assert.Equal(LibvirtFailure.Native, failure.Failure);
        Assert.True(failure.IsNoSuchDomain);
        Assert.Equal(("suspend", id), (failure.Operation, failure.DomainId));
        Assert.StartsWith($"suspend of domain {id} failed: Domain not found", failure.Message);
        Assert.EndsWith("(libvirt code 42, domain 12)", failure.Message);
        Assert.Null(libvirt.Broken);
    }

    [Theory]
    [InlineData("<domain")]
    [InlineData("<domain type='test'><name>a/b</name></domain>")]
    public async Task Bad_xml_is_refused_with_libvirts_reason(string xml)
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var failure = await Assert.ThrowsAsync<LibvirtException>(() => libvirt.Domains.CreateTransientAsync(xml));
        Assert.Equal(LibvirtFailure.Native, failure.Failure);
        Assert.NotEqual(0, failure.NativeCode);
        Assert.NotEmpty(failure.Reason);
    }

    [Fact]
    public async Task Memory_scheduler_and_bulk_statistics_are_read()
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var id = Guid.NewGuid();
        await libvirt.Domains.CreateTransientAsync(TestDriver.DomainXml(id));
        await libvirt.Resources.SetMemoryAsync(id, 128L << 20);
        Assert.Contains("<currentMemory unit='KiB'>131072</currentMemory>", await libvirt.Domains.GetXmlAsync(id));
        await Assert.ThrowsAsync<LibvirtException>(() => libvirt.Resources.SetMemoryAsync(id, 1L << 40));
        Assert.Equal(new SchedulerSettings(), await libvirt.Resources.GetSchedulerAsync(id));
        var figures = Assert.Single(await libvirt.Resources.GetAllStatisticsAsync(), d => d.Id == id);
        Assert.Equal(DomainState.Running, figures.State);
        await libvirt.Domains.DestroyAsync(id);
    }

    [Fact]
    public async Task The_host_describes_itself()
    {
        await using var libvirt = await TestDriver.OpenAsync();
        var info = await libvirt.Host.GetInfoAsync();
        Assert.Equal("TEST", info.Hypervisor, ignoreCase: true);
        Assert.True(info.Cpus > 0 && info.MemoryBytes > 0 && info.LibvirtVersion.Major > 0);
    }

    [Fact]
    public async Task Many_calls_at_once_all_end_with_their_own_answer()
    {
        await using var libvirt = await TestDriver.OpenAsync(new LibvirtOptions { Workers = 8, QueueLimit = 512 });
        var ids = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToList();
        var created = await Task.WhenAll(
            ids.Select(id => libvirt.Domains.CreateTransientAsync(TestDriver.DomainXml(id))));
        Assert.Equal(ids, created.Select(d => d.Id));
        Assert.All(await Task.WhenAll(ids.Select(id => libvirt.Domains.DestroyAsync(id))), Assert.True);
    }
}
