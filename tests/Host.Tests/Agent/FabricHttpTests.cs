using System.Net;
using System.Security.Cryptography;
using VioActors.Contracts;
using VioActors.Daemon.Agent.Fabric;
using VioActors.Daemon.Server;
using VioActors.TestKit;

namespace VioActors.Daemon.Tests.Agent;

/// <summary>Image files from servers that vanish.</summary>
public sealed class FabricHttpTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);
    private readonly Site _site = new();
    private readonly ManualTime _time = new();
    private readonly byte[] _file = Site.Noise(1000);
    private readonly Silence _rest = new();

    [Theory]
    [InlineData(false)] // before the answer
    [InlineData(true)] // in the middle of the file
    public async Task AServerThatFallsSilentIsGivenUpAfterTheLimitAndNothingIsKeptAsync(bool answers)
    {
        var store = new BlobStore(_site.Directory_("images"), 1 << 20);
        using var http = new FabricHttp(
            _site.Agent("h"), () => new Server(answers ? Content(_file[..100]) : null), _time);
        var fetching = http.FetchAsync(Blob(), store, CancellationToken.None);
        await (answers ? _rest.Asked.WaitAsync(Limit) : Task.CompletedTask);
        _time.Advance(FabricHttp.StallLimit - TimeSpan.FromSeconds(1));
        Assert.False(fetching.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        var failed = await Assert.ThrowsAsync<IOException>(() => fetching.WaitAsync(Limit));
        Assert.Contains("sent nothing for 30 s", failed.Message);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_site.Directory_("images")));
    }

    [Fact]
    public async Task WhatArrivesSlowlyArrivesAsync()
    {
        var store = new BlobStore(_site.Directory_("images"), 1 << 20);
        using var http = new FabricHttp(_site.Agent("h"), () => new Server(Content(_file[..100])), _time);
        var fetching = http.FetchAsync(Blob(), store, CancellationToken.None);
        for (var at = 100; at < _file.Length; at += 100)
        {
            await _rest.Asked.WaitAsync(Limit);
            _time.Advance(FabricHttp.StallLimit - TimeSpan.FromSeconds(1));
            _rest.Say(_file[at..(at + 100)]);
        }
        await _rest.Asked.WaitAsync(Limit);
        _rest.Say([]);
        await fetching.WaitAsync(Limit);
        Assert.NotNull(store.Find(Blob().Sha256));
    }

    public void Dispose() => _site.Dispose();

    private Blob Blob() => new(Convert.ToHexStringLower(SHA256.HashData(_file)), _file.Length);

    private Silence Content(byte[] first)
    {
        _rest.Say(first);
        return _rest;
    }

    /// <summary>Answers with this content, or never.</summary>
    private sealed class Server(Stream? content) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (content is null)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(content!) };
        }
    }

    /// <summary>A stream that has what was said, then waits for more; nothing said is its end.</summary>
    private sealed class Silence : Stream
    {
        private readonly System.Threading.Channels.Channel<byte[]> _said =
            System.Threading.Channels.Channel.CreateBounded<byte[]>(16);
        private readonly SemaphoreSlim _asked = new(0);

        /// <summary>Ends when a reader waits, once per wait.</summary>
        public Task Asked => _asked.WaitAsync();

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public void Say(byte[] octets) => Assert.True(_said.Writer.TryWrite(octets));

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (!_said.Reader.TryRead(out var octets))
            {
                _asked.Release();
                octets = await _said.Reader.ReadAsync(cancellationToken);
            }
            octets.CopyTo(buffer);
            return octets.Length;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
